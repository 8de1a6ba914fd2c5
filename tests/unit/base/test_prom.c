/* test_prom.c - the text that Prometheus reads. */
#include "../check.h"
#include "plumbline/base/prom.h"

int main(void)
{
    static const struct histogram_bounds bounds = {3, 1e-3, {1, 10, 500}};
    struct histogram h = {0}, both = {0};
    struct buf out, labels;

    buf_init(&out, 1 << 16);
    buf_init(&labels, 1 << 10);
    prom_label(&labels, "a", "x\"y\\z\nw");
    prom_label(&labels, "b", "");
    CHECK_TEXT("labels are escaped", labels.data, "a=\"x\\\"y\\\\z\\nw\",b=\"\"");
    for (int i = 0; i < 4; i++)
        histogram_add(&h, &bounds, (int64_t[]){1, 2, 500, 501}[i]);
    prom_family(&out, "t_seconds", "histogram", "Time.");
    prom_histogram(&out, "t_seconds", "k=\"v\"", &h, &bounds);
    CHECK_TEXT("a histogram", out.data,
               "# HELP t_seconds Time.\n# TYPE t_seconds histogram\n"
               "t_seconds_bucket{k=\"v\",le=\"0.001\"} 1\nt_seconds_bucket{k=\"v\",le=\"0.01\"} 2\n"
               "t_seconds_bucket{k=\"v\",le=\"0.5\"} 3\nt_seconds_bucket{k=\"v\",le=\"+Inf\"} 4\n"
               "t_seconds_sum{k=\"v\"} 1.004\nt_seconds_count{k=\"v\"} 4\n");
    buf_clear(&out);
    prom_one_histogram(&out, "g", "G.", &both, &(struct histogram_bounds){1, 1, {4}});
    CHECK_TEXT("a family of one histogram", out.data,
               "# HELP g G.\n# TYPE g histogram\ng_bucket{le=\"4\"} 0\ng_bucket{le=\"+Inf\"} 0\n"
               "g_sum 0\ng_count 0\n");
    histogram_merge(&both, &h);
    histogram_merge(&both, &h);
    CHECK_INT("merged histograms add up", histogram_count(&both), 8);
    buf_clear(&out);
    prom_one(&out, "n_total", "counter", "N.", 12345678901.0);
    CHECK_TEXT("a counter keeps its digits", out.data,
               "# HELP n_total N.\n# TYPE n_total counter\nn_total 12345678901\n");
    buf_release(&out);
    buf_release(&labels);
    return check_done();
}
