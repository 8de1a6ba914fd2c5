/* chain.h - what a job takes over from an earlier one; private to engine/. */
#ifndef ENGINE_CHAIN_H
#define ENGINE_CHAIN_H

#include "plumbline/engine/service.h"

/* Whether the model knows exactly these labels, by their names. False for a model that is gone. */
bool chain_model_fits(struct db *db, int64_t model, const struct label_set *labels, bool *fits,
                      struct error *err);

/* The newest model of the earlier job, for one that goes on under the same label attribute with
 * auto-labelling and the same labels; 0: none. */
bool chain_newest_model(struct db *db, const struct job *earlier, const struct job *job,
                        const struct label_set *labels, int64_t *model, struct error *err);

#endif
