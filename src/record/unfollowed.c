#include "record/unfollowed.h"

#include <stddef.h>

static const struct {
	uint16_t	 type;
	const char	*name;
} types[] = {
	{ 0x22f0, "AVTP" }, { 0x22f3, "TRILL" }, { 0x4305, "B.A.T.M.A.N." }, { 0x8137, "IPX" },
	{ 0x8847, "MPLS" }, { 0x8892, "PROFINET" }, { 0x88a2, "ATA over Ethernet" },
	{ 0x88a4, "EtherCAT" }, { 0x88ab, "POWERLINK" }, { 0x88b8, "GOOSE" }, { 0x88b9, "GSE" },
	{ 0x88ba, "Sampled Values" }, { 0x88cd, "SERCOS III" }, { 0x88dc, "WSMP" },
	{ 0x88e1, "HomePlug" }, { 0x8903, "FabricPath" }, { 0x8906, "FCoE" },
	{ 0x890f, "CC-Link IE" }, { 0x8914, "FIP" }, { 0x8915, "RoCE" },
};

const char *
unfollowed_name(const struct unfollowed_row *row)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !row->ip; i++)
		if (types[i].type == row->number)
			return types[i].name;
	return NULL;
}
