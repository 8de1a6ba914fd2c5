/* stopping.h - the signals of the service; private to cli/.
 *
 * SIGTERM and SIGINT end it in good order, and at once when they come a second time or while it is
 * still starting: nothing that a kill could lose lives in the process. SIGUSR1 logs more, SIGUSR2
 * less. */
#ifndef CLI_STOPPING_H
#define CLI_STOPPING_H

#include "plumbline/base/error.h"

enum { STOP_SECONDS = 9 }; /* then it ends without what has not come to its end: 10 are promised */

bool stopping_start(struct error *err);

void stopping_allowed(void); /* from here on the first signal only makes stopping_wait return */
void stopping_wait(void);

#endif
