/* roles.h - from what is known of a device to what it is in the plant (record/roles.def). */
#ifndef ASSET_ROLES_H
#define ASSET_ROLES_H

#include <stdbool.h>
#include <stdint.h>

#include "record/role.h"

/* What evidence is made of; texts are "" where nothing is known. */
struct role_facts {
	uint32_t	serves, asks;		/* PROTO_BIT() of what it answers and asks by */
	bool		serves_control;		/* of these, a protocol of controllers; not of a unit behind a gateway */
	bool		serves_behind;		/* the same of a unit behind a gateway, which may be anything */
	bool		serves_telecontrol;
	bool		asks_control, asks_telecontrol;
	bool		obeyed_program;		/* a command to start, stop or program it was carried out */
	bool		has_run_state;
	uint32_t	units_behind;		/* that did what they were asked */
	uint32_t	servers;		/* that answered it */
	uint32_t	polled;			/* of them, those whose values it reads and that it never writes to */
	uint32_t	enquired;		/* of them, those that it only asks who and how they are */
	uint32_t	written;		/* of them, those that it writes to */
	bool		others_write;		/* somebody else writes to one of them */
	bool		programs;		/* any of the three below */
	bool		wrote_program, read_program, started_stopped;
	uint8_t		asker;			/* enum op_asker bits, of all that it asked */
	bool		carries;		/* its MAC stands before addresses that are not its own */
	bool		scanned;		/* an alert says that it searched the network */
	const char	*services;		/* that it offers and that have a name, beside those of the plant */
	const char	*capabilities;		/* all of them */
	const char	*product;		/* and model */
	const char	*order, *description, *system;
	const char	*stated;		/* role in the operator's words */
};

/* The roles that something speaks for, the surest first, at most `most`; the operator's word stands alone.  Returns
 * how many. */
unsigned	roles_judge(const struct role_facts *f, struct role_belief *to, unsigned most);

#endif
