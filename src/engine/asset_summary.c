/* asset_summary.c - the end of a replay's summary: the devices, and who reads and writes whom. */
#include "engine/asset_rows.h"

#include <inttypes.h>

#include "base/when.h"
#include "record/protocol.h"

#define SHOWN	20u

static void
put_writes(FILE *to, struct asset_rows *r)
{
	char client[ADDR_TEXT_MAX], first[WHEN_TEXT], last[WHEN_TEXT];
	unsigned shown = 0, more = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct device *d = asset_row(r, i);

		for (uint32_t k = 0; k < d->n_clients && k < DEVICE_PEERS; k++) {
			const struct device_peer *p = &d->clients[k];

			if (p->writes == 0 && p->operations == 0)
				continue;
			if (shown == SHOWN) {
				more++;
				continue;
			}
			if (shown++ == 0)
				fputs("\nWho reads and writes whom\n", to);
			(void)addr_print(&p->addr, client);
			fprintf(to, "  %-16s %s %-20s %-12s %" PRIu64 " operation%s", client, p->writes > 0 ? "writes" : p->reads ? "reads " : "asks  ", d->id,
			    protocols[p->proto]->name, p->operations, p->operations == 1 ? "" : "s");
			if (p->writes > 0)
				fprintf(to, ", %" PRIu64 " that change%s something, %.19s to %.19s", p->writes, p->writes == 1 ? "s" : "",
				    when_text((int64_t)p->first_write_ns, first), when_text((int64_t)p->last_write_ns, last));
			fputc('\n', to);
		}
	}
	if (more > 0)
		fprintf(to, "  and %u more\n", more);
}

void
assets_summary(const struct inventory *inv, FILE *to)
{
	struct asset_rows r;

	if (!asset_rows_open(&r, inv) || r.n == 0) {
		asset_rows_close(&r);
		return;
	}
	fprintf(to, "Devices: %" PRIu32 "\n", r.n);
	(void)assets_table(&r, "  ", false, SHOWN, to);
	if (r.n > SHOWN)
		fprintf(to, "  and %" PRIu32 " more (thermowell assets shows all)\n", r.n - SHOWN);
	put_writes(to, &r);
	fputc('\n', to);
	asset_rows_close(&r);
}
