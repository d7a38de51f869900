#include "record/unfollowed.h"

#include <stddef.h>

static const struct {
	uint16_t	 type;
	const char	*name;
	bool		 plant;		/* devices of a plant send it */
} types[] = {
	{ 0x22f0, "AVTP", false }, { 0x22f3, "TRILL", false }, { 0x4305, "B.A.T.M.A.N.", false }, { 0x8137, "IPX", false },
	{ 0x8847, "MPLS", false }, { 0x8892, "PROFINET", true }, { 0x88a2, "ATA over Ethernet", false },
	{ 0x88a4, "EtherCAT", true }, { 0x88ab, "POWERLINK", true }, { 0x88b8, "GOOSE", true }, { 0x88b9, "GSE", true },
	{ 0x88ba, "Sampled Values", true }, { 0x88cd, "SERCOS III", true }, { 0x88dc, "WSMP", false },
	{ 0x88e1, "HomePlug", false }, { 0x8903, "FabricPath", false }, { 0x8906, "FCoE", false },
	{ 0x890f, "CC-Link IE", true }, { 0x8914, "FIP", false }, { 0x8915, "RoCE", false },
};

const char *
unfollowed_name(const struct unfollowed_row *row)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !row->ip; i++)
		if (types[i].type == row->number)
			return types[i].name;
	return NULL;
}

const char *
unfollowed_plant(uint16_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return types[i].plant ? types[i].name : NULL;
	return NULL;
}
