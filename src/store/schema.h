/* schema.h - which tables there are: one for each kind of row (record/keep.h).
 *
 * All SQL about rows is made from tables.c, so that a column stands in one place.  Inside store
 * only.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/keep.h"
#include "store/list.h"
#include "store/pack.h"

/* PRAGMA user_version.  A column more: add it to tables.c and raise this; older databases get it
 * by themselves.  Any other change needs a step in schema.c, too. */
#define SCHEMA_VERSION	4

enum column_form {
	COLUMN_TEXT,		/* char[], NUL-terminated */
	COLUMN_ADDR,		/* struct addr as text; all zero: "" */
	COLUMN_MAC,		/* 6 bytes as text; all zero: "" */
	COLUMN_BYTES,		/* text of the length that the byte before it says; a BLOB when it is no UTF-8 */
	COLUMN_NUMBER,		/* bool or unsigned of 1, 2, 4 or 8 bytes */
	COLUMN_REAL,		/* double */
	COLUMN_EITHER,		/* 8 bytes: a double where the table's reals() says so of the row, else unsigned */
	COLUMN_NAME		/* the same as COLUMN_NUMBER, shown by name() */
};

enum column_mark {
	COLUMN_KEY	= 1u << 0,
	COLUMN_ONCE	= 1u << 1	/* stays as it was when the row was new */
};

struct column {
	const char	*name;
	uint16_t	 offset, size;		/* in the row */
	uint8_t		 form, marks;
	const char	*(*text)(unsigned v);	/* COLUMN_NAME: "" or NULL: none */
	unsigned	 values;		/* it has names for 0 .. values - 1 */
};

struct table {
	const char		*name;		/* NULL: this kind is not kept */
	const struct column	*columns;
	unsigned		 n;
	size_t			 row;		/* bytes of the struct */
	bool			 of_baseline;	/* rows carry the name of a baseline and live in its database */
	bool			 small;		/* short rows, looked for by their key alone */
	bool			 of_series;	/* its key is a series and a time (history.h) */
	bool			 packed;	/* each row stands in a BLOB, too (pack.h) */
	bool			(*reals)(const void *row);
	const char		*first;		/* column of the time that it began; NULL: as `last`, or first_ns beside last_ns */
	const char		*last;		/* column of the time that retention goes by; NULL: none */
	size_t			 last_at;	/* where it is in the row */
	bool			 listed;	/* often asked for by that time, newest first: an index has it */
	const char		*stays;		/* SQL: rows that retention leaves alone; NULL: none */
};

#define COLUMNS_MAX	40u
#define ROW_MAX		STORE_ROW_MAX	/* bytes of the longest row */

extern const struct table store_tables[KEEP_KINDS];

/* Create the tables (from 0), or bring those of version `from` to the present one.  Within a
 * transaction.  SQLITE_OK, or the error. */
int	 schema_migrate(sqlite3 *db, int from);

/* Has a database of the present version all tables with all their columns?  SQLITE_OK, or the error: SQLITE_ERROR where
 * something is missing, which sqlite3_errmsg() names. */
int	 schema_look_over(sqlite3 *db);

/* A database of an older version, opened to be read: what it has not appears empty, in views of this connection.  SQLITE_OK, or
 * the error. */
int	 schema_show_as_present(sqlite3 *db);

/* Text of a statement about a table, to be given back with sqlite3_free(); NULL: no memory.
 * Parameters and results are the columns in their order, behind the name of the baseline where
 * rows have one; of a drop only the key. */
char	*schema_create(enum keep_kind k);
char	*schema_upsert(enum keep_kind k);
char	*schema_drop(enum keep_kind k);
/* The rows of a kind in the order of their keys, n of them (-1: all) behind the first `from`: their columns,
 * their BLOB, or the BLOB and then the columns. */
enum schema_select { SELECT_COLUMNS, SELECT_PACKED, SELECT_BOTH };
char	*schema_select(enum keep_kind k, enum schema_select what, long n, long from);
/* The columns of the key, with commas between. */
char	*schema_key(enum keep_kind k);

/* What is made of a row to be bound. */
#define ROW_ADDRS	4u		/* addresses and MACs of a row, at most */
struct row_bound {
	unsigned n;
	char	 texts[ROW_ADDRS][ADDR_TEXT_MAX];
	uint8_t	 packed[PACK_MAX];
};

/* Bind a row to a statement; `keys`: only the columns of the key.  `form`: of this kind; NULL for kinds that are not packed.
 * `baseline`: its name.  The statement borrows it, the row and `b` until it was run. */
int	 row_bind(sqlite3_stmt *s, enum keep_kind k, const void *row, const struct pack_form *form, const char *baseline, bool keys,
	    struct row_bound *b);

/* Read the row that a statement stands at, whose columns begin with column `first` of it.  `row` has ROW_MAX bytes, aligned, and is
 * zero or what was read before from the same statement.  false: what
 * is there is no row of ours. */
bool	 row_read(sqlite3_stmt *s, int first, enum keep_kind k, void *row);

#endif
