/* worker.h - all that one packet thread owns, in one struct.
 *
 * A worker takes frames and hands operations, anomalies and flows to its
 * output.  Workers share nothing, so several can run side by side once frames
 * are spread over them by a symmetric hash of the address pair.
 */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

#include "alert/alerts.h"
#include "alert/evidence.h"
#include "alert/incidents.h"
#include "asset/ask.h"
#include "asset/asset.h"
#include "asset/maintenance.h"
#include "asset/geoip.h"
#include "asset/inventory.h"
#include "asset/list.h"
#include "asset/vendors.h"
#include "asset/zones.h"
#include "base/arena.h"
#include "base/err.h"
#include "capture/capture.h"
#include "decode/decode.h"
#include "detect/detect.h"
#include "dissect/dissect.h"
#include "engine/engine.h"
#include "engine/selfcheck.h"
#include "engine/summary.h"
#include "engine/surroundings.h"
#include "output/captures.h"
#include "output/console.h"
#include "output/transport/net.h"
#include "output/output.h"
#include "passing/passing.h"
#include "record/counters.h"
#include "record/settings.h"
#include "store/store.h"
#include "stream/stream.h"

/* What is known to be in the database of what a run saw (sight.c). */
struct sight {
	uint64_t	run_ns, next_ns;	/* 0: nothing yet */
	struct counters	put;
};

struct worker {
	const struct settings	*settings;	/* borrowed */
	struct counters		 counters;
	struct arena		 arena;		/* emptied before each frame */
	struct decoder		*decoder;
	struct stream		*stream;
	struct dissect		*dissect;
	struct geoip		*geoip;		/* NULL: no database was named */
	struct asset_ask	 ask;		/* what rules ask of devices */
	struct zones		*zones;		/* NULL: none are configured */
	struct maintenance	*maintenance;	/* NULL: no work was announced */
	struct tag_reader	*tags;		/* names of values, and what these are now */
	struct passing		*passing;
	uint32_t		 passing_slot;	/* its slot of each flow */
	struct assets		*assets;
	struct vendors		*vendors;	/* NULL: no list of them */
	const struct packet	*frame;		/* without IP, while it is read in passing */
	struct inventory	*inventory;	/* what is known of them */
	struct detect		*detect;
	struct alerts		*alerts;
	struct incidents	*incidents;
	struct evidence		*evidence;	/* live; else NULL */
	struct captures		*captures;	/* writes it; NULL without */
	struct output		*output;
	struct store		*store;		/* NULL: nothing is remembered */
	struct summary		 summary;
	struct sight		 sight;
	struct capture		*capture;	/* borrowed: names of sources */
	const char		*watched_names[CAPTURE_FDS];	/* interfaces by which nothing is to leave */
	struct net_watched	 watched;
	struct selfcheck	*selfcheck;	/* live: of the sensor itself; else NULL */
	atomic_uint		 reloads_failed;	/* written by the control thread */
	struct surroundings	*surroundings;	/* live: what the sensor stands in; else NULL */
	struct flow_slots	 flow_slots;	/* what modules keep about each flow */
	uint32_t		 community_slot; /* of its Community ID, empty until first asked for */
	char			 community_copy[COMMUNITY_ID_MAX];	/* that of a copied flow */
	bool			 propose;	/* note what zones and conduits can be made of; before worker_open() */
	uint64_t		 key;		/* of hashes of what comes from the wire; fixed in a replay */

	struct console		*console;	/* borrowed; where people read; NULL: nowhere */
	const char		*sandbox;	/* what limits the process (sandbox.h); NULL: not entered yet */
	const char		*landlock;	/* what limits the files of the console's process (console_run.h); NULL or "": there is none */
	struct worker_tap	 tap;
	bool			 lines;		/* a line per alert goes there */
	bool			 color;		/* it is a terminal with colours */

	uint64_t		 first_ns;	/* capture clock: first frame; 0 before it */
	uint64_t		 now_ns;	/* capture clock: goes back only when it was set back */
	uint32_t		 n_bogus;	/* frames in a row with a time far from now_ns */
	uint64_t		 tick_ns;	/* next tick of the modules */
	uint64_t		 stats_ns;	/* next stats record; 0: none wanted */
	uint64_t		 heartbeat_ns;	/* next sign of life; 0: none wanted */
};

/* Take all memory that the packet path will need and open the outputs.  `w` comes
 * zeroed but for `propose` and its counters, which `cap` may use already; `cap` is NULL where
 * frames come from elsewhere (tests).  0, or -1 with every problem in `e`. */
int	worker_open(struct worker *w, const struct settings *s, struct capture *cap,
	    bool many_files, struct err *e);

/* Start the threads of its outputs and of its store.  false with the problems in `e`. */
bool	worker_start(struct worker *w, struct err *e);

/* Pass one frame through all modules. */
void	worker_frame(struct worker *w, const struct frame *f);

/* One operation to all who look at them: those of flows come from dissect; what comes
 * straight on Ethernet has none (op->flow is NULL). */
void	worker_operation(struct worker *w, const struct operation *op);

/* Capture time has come to now_ns though no frame came (live, quiet wire). */
void	worker_idle(struct worker *w, uint64_t now_ns);

/* Somebody asks for the statistics now; before the first frame there are none. */
void	worker_stats(struct worker *w);

/* The run is over: deliver what waits, close every flow, write the last
 * statistics. */
void	worker_finish(struct worker *w);

/* In a thread of its own: read the rules again.  0, and worker_swap()
 * takes it over; -1: the problems are in `e` and nothing changes. */
int	worker_prepare(struct worker *w, struct err *e);

/* Between two frames: take over what was prepared. */
void	worker_swap(struct worker *w);

/* An operator did something: keep it, and show it to the detectors.  NULL, or why it is refused (static). */
const char *worker_act(struct worker *w, const struct keep_action *a);

/* Bytes of memory taken at open. */
size_t	worker_memory(const struct worker *w);

/* Wait until all lines are written, at most until the deadline of a stop, and close
 * the outputs.  0, or -1 when lines were lost. */
int	worker_written(struct worker *w);

/* Give everything back.  0, or -1 when lines could not be written. */
int	worker_close(struct worker *w);

#endif
