/* modbus_libmodbus.c - a Modbus/TCP server and client on libmodbus, for modbus_stacks.py.
 *
 *	modbus_libmodbus server ADDRESS		answers one client, then ends
 *	modbus_libmodbus client ADDRESS		asks for everything libmodbus can ask for
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <modbus.h>

static int
serve(const char *addr)
{
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	modbus_t *ctx = modbus_new_tcp(addr, 502);
	modbus_mapping_t *map = modbus_mapping_new(500, 500, 500, 500);
	int sock, n;

	for (int i = 0; i < 500; i++) {
		map->tab_bits[i] = i % 3 == 0;
		map->tab_input_bits[i] = i % 5 == 0;
		map->tab_registers[i] = (uint16_t)(1000 + i);
		map->tab_input_registers[i] = (uint16_t)(0xff00 + i);
	}
	sock = modbus_tcp_listen(ctx, 1);
	modbus_tcp_accept(ctx, &sock);
	while ((n = modbus_receive(ctx, query)) != -1)
		modbus_reply(ctx, query, n, map);
	modbus_mapping_free(map);
	modbus_close(ctx);
	modbus_free(ctx);
	pause();	/* until the maker ends us */
	return 0;
}

static void
raw(modbus_t *ctx, const uint8_t *req, int len)
{
	uint8_t rsp[MODBUS_TCP_MAX_ADU_LENGTH];

	modbus_send_raw_request(ctx, req, len);
	modbus_receive_confirmation(ctx, rsp);
}

static int
ask(const char *addr)
{
	modbus_t *ctx = modbus_new_tcp(addr, 502);
	uint8_t bits[2000], id[260];
	uint16_t regs[125];

	memset(bits, 1, sizeof(bits));
	for (int i = 0; i < 125; i++)
		regs[i] = (uint16_t)(i * 257);
	if (modbus_connect(ctx) == -1) {
		fprintf(stderr, "%s: %s\n", addr, modbus_strerror(0));
		return 1;
	}
	modbus_set_slave(ctx, 1);
	modbus_read_bits(ctx, 0, 37, bits);
	modbus_read_input_bits(ctx, 3, 22, bits);
	modbus_read_registers(ctx, 10, 4, regs);
	modbus_read_input_registers(ctx, 0, 2, regs);
	modbus_write_bit(ctx, 7, 1);
	modbus_write_register(ctx, 7, 0x1234);
	modbus_write_bits(ctx, 16, 10, bits);
	modbus_write_registers(ctx, 16, 5, regs);
	modbus_mask_write_register(ctx, 7, 0x00f2, 0x0025);
	modbus_write_and_read_registers(ctx, 100, 3, regs, 100, 5, regs);
	modbus_report_slave_id(ctx, (int)sizeof(id), id);
	/* What libmodbus' server refuses: an address outside the map, a function it has not. */
	modbus_read_registers(ctx, 499, 3, regs);
	raw(ctx, (const uint8_t []){ 1, 0x07 }, 2);
	raw(ctx, (const uint8_t []){ 1, 0x2b, 0x0e, 0x01, 0x00 }, 5);
	raw(ctx, (const uint8_t []){ 1, 0x03, 0x00, 0x00, 0x00, 0x00 }, 6);	/* no registers */
	raw(ctx, (const uint8_t []){ 1, 0x05, 0x00, 0x01, 0x12, 0x34 }, 6);	/* neither on nor off */
	modbus_set_slave(ctx, MODBUS_TCP_SLAVE);
	modbus_read_registers(ctx, 0, 1, regs);
	modbus_close(ctx);
	modbus_free(ctx);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "server") == 0)
		return serve(argv[2]);
	if (argc == 3 && strcmp(argv[1], "client") == 0)
		return ask(argv[2]);
	fprintf(stderr, "usage: modbus_libmodbus server|client ADDRESS\n");
	return 2;
}
