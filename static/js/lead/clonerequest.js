// @ts-check
// The name and the request of a job that is made from another one.

/** A name nobody has to think about: "birds" gives "birds-2", "birds-2" gives "birds-3".
 *  @param {string} name */
export function nextName(name) {
  const [, stem, n] = /^(.*?)-?(\d{1,6})?$/.exec(name) ?? ['', name, ''];
  const tail = `-${Number(n ?? 1) + 1}`;
  return `${(stem || name).slice(0, 63 - tail.length).replace(/-+$/, '')}${tail}`;
}

/** The request. @param {{title: string, labels: string, same: boolean, attribute: string}} value
 *  @param {string} name @param {any} job */
export function cloneRequest(value, name, job) {
  return { name, title: value.title.trim(), labels: value.labels,
    ...(value.same ? { label_attribute: job.label_attribute }
      : value.attribute.trim() ? { label_attribute: value.attribute.trim() } : {}) };
}
