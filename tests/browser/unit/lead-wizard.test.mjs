import test from 'node:test';
import assert from 'node:assert/strict';
import { changeDraft, draftProblems, emptyDraft, itemCount, jobRequest, nameFrom, nameIsFine, reviveDraft, stepState }
  from '../../../static/js/lead/draft.js';
import { HOT_KEYS, inkOn, labelProblems, labelsToSend, moveLabel, PALETTE, pasteLabels, withDefaults }
  from '../../../static/js/lead/labels.js';

const full = () => changeDraft(changeDraft(emptyDraft(), { pasted: 'one\ntwo', title: 'Ärger & Spaß' }),
  { labels: [{ name: 'a' }, { name: 'b' }], instructions: 'Read.' });

test('a job name is made of the title until one is written', () => {
  assert.equal(nameFrom('Ärger & Spaß!'), 'arger-spass');
  assert.equal(nameFrom('  -- '), '');
  assert.equal(nameFrom('猫と犬'), '');
  for (const title of ['x'.repeat(100), 'a - b', '9 lives', `${'y'.repeat(62)} z`]) assert.ok(nameIsFine(nameFrom(title)), title);
  const d = changeDraft(changeDraft(emptyDraft(), { name: 'mine' }), { title: 'Other' });
  assert.equal(d.name, 'mine');
  assert.equal(changeDraft(changeDraft(d, { name: '' }), { title: 'Other' }).name, 'other');
});

test('the server\'s rule for names', () => {
  for (const good of ['a', 'A-1', 'a--b', 'x'.repeat(63)]) assert.ok(nameIsFine(good), good);
  for (const bad of ['', '-a', 'a-', 'a_b', 'x'.repeat(64), 'ä']) assert.ok(!nameIsFine(bad), bad);
});

test('a new draft lacks data, a title, a type and labels; a full one lacks nothing', () => {
  const codes = draftProblems(emptyDraft()).filter(p => p.level === 'stop').map(p => p.code);
  assert.deepEqual(codes, ['nodata', 'notitle', 'notype', 'labels.few']);
  assert.deepEqual(draftProblems(full()), []);
  assert.equal(stepState(draftProblems(emptyDraft()), 'labels'), 'stop');
  assert.equal(stepState(draftProblems(emptyDraft()), 'guide'), 'look');
});

test('every limit is noticed', () => {
  const with_ = (change) => draftProblems({ ...full(), ...change }).filter(p => p.level === 'stop').map(p => p.code);
  assert.deepEqual(with_({ annotators: 0 }), ['annotators']);
  assert.deepEqual(with_({ annotators: 2.5 }), ['annotators']);
  assert.deepEqual(with_({ annotators: NaN }), ['annotators']);
  assert.deepEqual(with_({ target: 79.9 }), ['target']);
  assert.deepEqual(with_({ target: 99.95 }), ['target']);
  assert.deepEqual(with_({ target: 10, autoLabel: false }), []);
  assert.deepEqual(with_({ maxShare: 0 }), ['maxshare']);
  assert.deepEqual(with_({ maxShare: 0, autoLabel: false }), ['maxshare']);
  assert.deepEqual(with_({ output: 'bucket/folder' }), ['badoutput']);
  assert.deepEqual(with_({ output: 's3://bucket/folder' }), []);
  assert.deepEqual(with_({ description: 'x'.repeat(1001) }), ['longdescription']);
  assert.deepEqual(with_({ maxHuman: 0.5 }), ['maxhuman']);
  assert.deepEqual(with_({ lease: 0.4 }), ['lease']);
  assert.deepEqual(with_({ lease: 43200.1 }), ['lease']);
  assert.deepEqual(with_({ open: 0 }), ['open']);
  assert.deepEqual(with_({ everybody: false }), ['nobody']);
  assert.deepEqual(with_({ name: 'a_b' }), ['badname']);
  assert.deepEqual(with_({ title: 'x'.repeat(201) }), ['longtitle']);
  assert.deepEqual(draftProblems(full(), { missing: ['a.jpg'] }).map(p => p.code), ['missing']);
});

test('the type follows the first data, and a wrong one is noticed', () => {
  const image = { name: 'a.jpg', size: 9, kind: 'image', items: 1, bad: 0, images: true, partial: false };
  assert.equal(full().type, 'text-classification');
  const d = changeDraft(emptyDraft(), { files: [image] });
  assert.equal(d.type, 'image-classification');
  assert.equal(itemCount(d), 1);
  assert.ok(draftProblems({ ...full(), files: [image] }).some(p => p.code === 'imagesintext'));
});

test('the request has what the server takes', () => {
  const body = jobRequest({ ...full(), target: 97.5, maxHuman: 500, lease: 2.5, everybody: false, people: ['person_2'], teams: [] });
  assert.deepEqual(body.auto_label, { enabled: true, target: 0.975, max_human_items: 500, max_share_percent: 0 });
  assert.equal(body.output, undefined);
  assert.equal(jobRequest({ ...full(), output: ' s3://b/p ' }).output, 's3://b/p');
  assert.equal(jobRequest({ ...full(), description: ' In short. ' }).description, 'In short.');
  assert.equal(body.lease_seconds, 150);
  assert.deepEqual(body.people, ['person_2']);
  assert.equal(jobRequest(full()).people, undefined);
  assert.deepEqual(body.labels, [{ name: 'a', color: PALETTE[0], hot_key: '1' }, { name: 'b', color: PALETTE[1], hot_key: '2' }]);
});

test('a stored draft of another version is filled in and cleaned', () => {
  const d = reviveDraft({ title: 'T', labels: 'x', annotators: '3', nonsense: 1, maxHuman: 7 });
  assert.equal(d.title, 'T');
  assert.deepEqual([d.labels, d.annotators, d.maxHuman, 'nonsense' in d], [[], 1, 7, false]);
  assert.deepEqual(reviveDraft(null), emptyDraft());
});

test('labels are pasted one a line, repeated ones are told', () => {
  const got = pasteLabels('Cat\n dog \tbarks\ncat\n\nＤＯＧ\nBird | flies', [{ name: 'dog' }]);
  assert.deepEqual(got.list.map(l => l.name), ['dog', 'Cat', 'Bird']);
  assert.equal(got.list[2].description, 'flies');
  assert.deepEqual(got.repeated, ['dog', 'cat', 'ＤＯＧ']);
  assert.equal(got.added, 2);
});

test('colours and hot keys are given out in order and not twice', () => {
  const list = withDefaults([{ name: 'x', color: PALETTE[0], hot_key: '2' }, ...Array.from({ length: 24 }, (_, i) => ({ name: `n${i}` }))]);
  assert.equal(list[1].color, PALETTE[1]);
  assert.equal(list[1].hot_key, '1');
  const keys = list.map(l => l.hot_key).filter(Boolean);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keys.length, HOT_KEYS.length);
  assert.equal(list.at(-1).hot_key, '');
});

test('problems of labels name the rows', () => {
  const list = [{ name: 'Same' }, { name: ' same ' }, { name: '' }, { name: 'k', hot_key: '1' }, { name: 'l', hot_key: '1' }];
  assert.deepEqual(labelProblems(list).map(p => [p.code, ...p.rows]), [['empty', 2], ['twice', 0, 1], ['key', 3, 4]]);
  assert.deepEqual(labelProblems([{ name: 'a' }]).map(p => p.code), ['few']);
  assert.deepEqual(labelProblems([{ name: 'a' }, { name: 'b'.repeat(257) }]).map(p => p.code), ['long']);
});

test('labels move and stay inside the list', () => {
  const list = ['a', 'b', 'c'].map(name => ({ name }));
  assert.deepEqual(moveLabel(list, 0, 2).map(l => l.name), ['b', 'c', 'a']);
  assert.equal(moveLabel(list, 0, -1), list);
  assert.equal(moveLabel(list, 2, 3), list);
});

test('a hidden label is not sent, an id is', () => {
  assert.deepEqual(labelsToSend([{ id: 'label_1', name: ' a ' }, { id: 'label_2', name: 'b', hidden: true }]), [{ name: 'a', id: 'label_1' }]);
});

test('ink is readable on every colour of the palette', () => {
  assert.deepEqual(PALETTE.map((c, i) => inkOn(c) === '#ffffff' ? i + 1 : 0).filter(Boolean), [3, 5, 9, 12]);
});
