/* touch.h - the kinds of things that caches remember, for db_touch. */
#ifndef PLUMBLINE_STORE_TOUCH_H
#define PLUMBLINE_STORE_TOUCH_H

enum touch_kind {
    TOUCH_HELD, /* what the person of this id holds: leases, drafts, answers    */
    TOUCH_JOB,  /* the job of this id: settings, state, labels, who may label it */
    TOUCH_ACCESS, /* a right that somebody had: a key, a role                  */
    TOUCH_WORKFORCE, /* the workforce: from where its people may come          */
};

#endif
