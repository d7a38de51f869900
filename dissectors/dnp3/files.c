/* files.c - which file a handle stands for (1815 4.4.25 to 4.4.30, A.28).
 *
 * A file is named once, when it is opened; what is read and written afterwards
 * carries a handle only.  The names of open files stand in one of the blocks
 * that conversations share, so that those without files pay nothing.  A file
 * that nobody closes gives way when DN_FILES others were opened since it was
 * last used; a block that another conversation needed more takes its names
 * along.  Then an operation goes without a name: it never has a wrong one.
 */
#include "dnp3.h"

#include <string.h>

#include "base/str.h"

#define DN_FILES	16u
#define DN_FILE_NAME	240u	/* longer ones are cut */

struct open_file {
	uint32_t	 handle;
	uint32_t	 last_use;	/* 0: free */
	uint32_t	 name_len;
	uint32_t	 outstation;
	char		 name[DN_FILE_NAME];
};
_Static_assert(DN_FILES * sizeof(struct open_file) <= DIS_BLOCK_LEN, "open files fill a block");

/* Blocks are bytes: entries are copied out and in. */
static struct open_file
entry(const uint8_t *block, uint32_t i)
{
	struct open_file f;

	memcpy(&f, block + i * sizeof(f), sizeof(f));
	return f;
}

static void
put(uint8_t *block, uint32_t i, const struct open_file *f)
{
	memcpy(block + i * sizeof(*f), f, sizeof(*f));
}

/* The entry of a handle, DN_FILES when there is none. */
static uint32_t
search(const uint8_t *block, uint32_t outstation, uint32_t handle)
{
	uint32_t i;

	for (i = 0; i < DN_FILES; i++) {
		struct open_file f = entry(block, i);

		if (f.last_use != 0 && f.handle == handle && f.outstation == outstation)
			break;
	}
	return i;
}

/* One field of the first file object of a message.  False: there is none. */
static bool
field(const struct dnp3_message *m, uint8_t variation, const char *name, struct op_value *v)
{
	for (uint32_t i = 0; i < m->n_objects; i++) {
		const struct dnp3_object *o = &m->objects[i];
		struct dnp3_points walk = dnp3_points_of(o);
		const struct dnp3_field *f;
		struct dnp3_fields fields;
		struct dnp3_point p;

		if (o->group != 70 || o->variation != variation || !o->has_data ||
		    !dnp3_next_point(&walk, &p))
			continue;
		fields = dnp3_fields_of(o, &p);
		while (dnp3_next_field(&fields, &f, v))
			if (strcmp(f->name, name) == 0)
				return true;
	}
	return false;
}

/* The handle that a message is about. */
static bool
handle_of(const struct dnp3_message *m, uint32_t *handle)
{
	static const uint8_t with_handle[] = { 5, 6, 4 };
	struct op_value v;

	for (size_t i = 0; i < COUNTOF(with_handle); i++)
		if (field(m, with_handle[i], "file_handle", &v)) {
			*handle = (uint32_t)v.u;
			return true;
		}
	return false;
}

static bool
has_name(const struct operation *op)
{
	for (uint32_t i = 0; i < op->n_params; i++)
		if (strcmp(op->params[i].name, "file") == 0)
			return true;
	return false;
}

void
dn_file_name(struct dis_ctx *x, struct operation *op, const struct dnp3_message *m,
    bool response)
{
	struct dn_state *st = x->state;
	uint8_t *block = dis_block(x, st->files);
	struct open_file f;
	uint32_t handle, i;
	char *name;

	if (block == NULL || op->function == DN_OPEN_FILE || has_name(op) ||
	    !handle_of(m, &handle))
		return;
	i = search(block, op->unit, handle);
	if (i == DN_FILES)
		return;
	f = entry(block, i);
	f.last_use = ++st->clock;
	put(block, i, &f);
	name = arena_alloc(x->arena, f.name_len);
	if (name == NULL) {
		count(x->counters, CNT_APP_ARENA_FULL);
		return;
	}
	memcpy(name, f.name, f.name_len);
	dn_param_bytes(x, op, "file", (const uint8_t *)name, f.name_len, response);
}

static void
opened(struct dis_ctx *x, uint32_t outstation, uint32_t handle, const struct op_value *name)
{
	struct dn_state *st = x->state;
	uint8_t *block = dis_block(x, st->files);
	struct open_file f, least;
	uint32_t at;

	if (block == NULL) {
		st->files = dis_block_take(x);
		block = dis_block(x, st->files);
		if (block == NULL)
			return;
		memset(block, 0, DN_FILES * sizeof(f));
	}
	at = search(block, outstation, handle);
	if (at == DN_FILES) {
		at = 0;
		least = entry(block, 0);
		for (uint32_t i = 1; i < DN_FILES; i++) {
			f = entry(block, i);
			if (f.last_use < least.last_use) {
				least = f;
				at = i;
			}
		}
		if (least.last_use != 0)
			count(x->counters, CNT_APP_DNP3_STREAMS);
	}
	f = (struct open_file){ .handle = handle, .outstation = outstation,
	    .last_use = ++st->clock,
	    .name_len = name->len < DN_FILE_NAME ? name->len : DN_FILE_NAME };
	memcpy(f.name, name->bytes, f.name_len);
	put(block, at, &f);
}

void
dn_file_answer(struct dis_ctx *x, const struct operation *op, const struct dnp3_detail *d)
{
	struct dn_state *st = x->state;
	struct op_value name, status, handle;
	uint8_t *block;
	uint32_t i;

	if (op->function != DN_OPEN_FILE && op->function != DN_CLOSE_FILE &&
	    op->function != DN_ABORT_FILE)
		return;
	if (!field(&d->response, 4, "status_code", &status) || status.u != 0 ||
	    !field(&d->response, 4, "file_handle", &handle))
		return;
	if (op->function == DN_OPEN_FILE) {
		if (field(&d->request, 3, "filename", &name) && name.len > 0)
			opened(x, op->unit, (uint32_t)handle.u, &name);
		return;
	}
	block = dis_block(x, st->files);
	i = block != NULL ? search(block, op->unit, (uint32_t)handle.u) : DN_FILES;
	if (i < DN_FILES)
		put(block, i, &(struct open_file){ .last_use = 0 });
}

void
dn_file_forget(struct dis_ctx *x)
{
	struct dn_state *st = x->state;

	dis_block_give(x, st->files);
	st->files = DIS_NO_BLOCK;
}
