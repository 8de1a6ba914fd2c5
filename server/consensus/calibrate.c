/* calibrate.c - tempering, and the confidence for export. */
#include "plumbline/consensus/calibrate.h"

#include "runs.h"

#include <float.h>
#include <math.h>

/* Weight of every answer after the first, in the temperature: halves the log loss on public
 * sets. */
static const double TEMPERATURE_STEP = 0.2;

double consensus_temperature(int32_t answers)
{
    return answers > 1 ? 1 + TEMPERATURE_STEP * (answers - 1) : 1;
}

void consensus_temper(const float *raw, size_t classes, double temperature, float *out)
{
    float power = (float)(1 / temperature);

    for (size_t k = 0; k < classes; k++)
        out[k] = logf(fmaxf(raw[k], FLT_MIN)) * power;
    log_normalise(out, classes);
}

double consensus_exported_confidence(double probability, int32_t answers)
{
    return answers > 1 ? round(probability * 100) / 100 : 0;
}
