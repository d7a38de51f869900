/* value_noise.h - how much a measurement scatters from one reading to the next.
 *
 * Pure arithmetic in constant memory.  The figure of a window is the root mean square of what lies between a reading and the
 * middle of its neighbours (second differences; Gasser, Sroka and Jennen-Steinmetz, Biometrika 73, 1986; the idea is the mean
 * square successive difference of von Neumann, Kent, Bellinson and Hart, 1941): a level that rises or falls scatters nothing.
 * The largest three of a window are left out, so that a step of the process (a pump that starts) or one wrong reading is no noise.
 */
#ifndef DETECT_HEALTH_VALUE_NOISE_H
#define DETECT_HEALTH_VALUE_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#define NOISE_LARGEST 3u

struct value_noise {
	double		y[2];		/* the last two readings */
	uint64_t	y_ns;		/* when the later one came */
	uint8_t		n_y;
	uint8_t		loud;		/* windows in a row that were too loud; quiet ones, once it is noisy */
	bool		noisy;
	double		gap_s;		/* usual time between readings */
	double		step;		/* smallest difference between two readings that was not zero: the resolution; 0 none */
	/* The window in hand. */
	uint64_t	since_ns;
	double		sum;		/* of squares */
	double		largest[NOISE_LARGEST];	/* of them, falling */
	uint32_t	n;
	/* Learned, of whole windows. */
	double		last, most, usual;	/* figures, in the unit of the value */
	double		settled;	/* `most` when it settled first; 0: not yet */
	uint32_t	windows, fresh;	/* seen; how many those were when `most` grew last */
};

enum noise_news { NOISE_NONE, NOISE_WINDOW, NOISE_BEGINS, NOISE_ENDS };

/* One more reading. */
enum noise_news	 value_noise_read(struct value_noise *s, double v, uint64_t ts_ns);
/* A figure above this is too loud; 0: too little is known. */
double		 value_noise_limit(const struct value_noise *s);

/* At a start: what was learned before. */
void		 value_noise_again(struct value_noise *s, double usual, double most, uint64_t windows, bool settled);

#endif
