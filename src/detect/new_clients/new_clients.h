/* new_clients.h - the detector of clients that were not there from the beginning.
 *
 * Who asks a controller is settled within the first minute that it is seen: an
 * HMI polls.  Somebody who comes later and commands is the plainest sign of a
 * rogue master, and needs no learned baseline to be recognised.
 */
#ifndef DETECT_NEW_CLIENTS_NEW_CLIENTS_H
#define DETECT_NEW_CLIENTS_NEW_CLIENTS_H

#include "detect/detector.h"

extern const struct detector detector_new_clients;

#endif
