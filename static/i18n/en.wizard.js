// English: the wizard, and the parts it shares with a job's settings.

export const strings = {
  wizard: {
    title: 'New job', steps: 'Steps', data: 'Data', task: 'Task', labels: 'Labels', guide: 'Guide', people: 'People', quality: 'Quality', check: 'Check',
    head: { data: 'What is to be labelled?', task: 'What kind of task is it?', labels: 'Which labels are there?', guide: 'What should people know?', people: 'Who labels?', quality: 'How careful, how far by machine?', check: 'Ready to start?' },
    lead: {
      data: 'Nothing is sent before the last step.', task: 'The name is what people see; the kind decides the labelling screen.', labels: 'Two at least. One line each is quickest.', guide: 'The better the guide, the fewer answers you need.',
      people: 'Change it whenever you like.', quality: 'The defaults fit most jobs.', check: 'Here is what will be made, and what still needs a look.',
    },
    name: 'Name of the job', nameHint: 'Any language, up to 200 characters.', short: 'Name in scripts', shortHint: 'Letters, digits and hyphens, up to 63. It cannot be changed later.', type: 'Kind of task',
    typeHint: { 'image-classification': 'One label for each picture.', 'text-classification': 'One label for each text.' },
    back: 'Back', next: 'Next: {step}', kept: 'Kept in this browser, {when}', keptNot: 'This browser keeps nothing: do not close the page', drop: 'Start over', dropDots: 'Start over…', dropTitle: 'Start over?', dropText: 'The draft with its files is forgotten. Nothing on the server changes.', done: ', done', todo: ', needs a look',
  },
  pick: { drop: 'Drop files or a folder here', kinds: 'JPEG or PNG images · JSON Lines with “source” or “source-ref” · CSV with a “text” or “file” column · plain text', files: 'Choose files', folder: 'Choose a folder' },
  data: {
    refused: { one: '{n} file was left out, since its kind is not known here: {names}', other: '{n} files were left out, since their kind is not known here: {names}' },
    lost: { one: 'This browser has not kept {n} file. Choose it again: {names}', other: 'This browser has not kept {n} files. Choose them again: {names}' },
    files: 'Chosen files', images: { one: '{n} image', other: '{n} images' }, removeImages: 'Remove all images', remove: 'Remove {name}', moreFiles: { one: '… and {n} more file', other: '… and {n} more files' },
    textFiles: 'Text files hold', perLine: 'one item a line', perFile: 'one item a file', pasteTitle: 'Or paste texts', paste: 'Texts, one a line', pasteHint: 'Empty lines are left out.',
    items: { one: '{n} item', other: '{n} items' }, about: 'about {n} items', badLines: { one: '{n} line cannot be read', other: '{n} lines cannot be read' }, showBad: 'Show', line: 'Line {line}', moreBad: '… and {n} more',
    bad: { json: 'is not JSON.', object: 'is not a JSON object.', nosource: 'has neither “source” nor “source-ref”.', column: 'names no column “text”, “source”, “file” or “source-ref”.', fields: 'has another number of fields than the header.', quote: 'opens a quote that never closes.' },
    first: { one: 'The first of {all} items', other: 'The first {n} of {all} items' }, server: 'Data that is on the server already goes in from the command line:',
  },
  labels: {
    paste: 'Add labels', pasteHint: 'One a line. A tab or “ | ” puts a description behind the name.', addThese: 'Add these', added: { one: '{n} label added', other: '{n} labels added' }, repeated: 'There already: {names}', caption: 'Labels',
    n: 'No.', color: 'Colour', name: 'Name', description: 'Description', key: 'Key', order: 'Order', addOne: 'Add one label', moveHint: 'Alt+↑ and Alt+↓ move a label.', moved: '{name} is now {n} of {all}', nameless: 'label {n}',
    nameOf: 'Name of label {n}', descriptionOf: 'Description of {name}', keyOf: 'Key of {name}', noKey: 'none', up: 'Move {name} up', down: 'Move {name} down', remove: 'Remove {name}', hide: 'Hide', show: 'Show', hideOf: 'Hide {name}', showOf: 'Show {name} again', hiddenHint: 'Hidden: not offered any more',
    colorOf: 'Colour of {name}, {color}', colors: 'Colours that stay apart', colorN: 'Colour {n}, {color}', ownColor: 'Another',
  },
  guide: { text: 'Guide', hint: 'Markdown: # heading, **bold**, - list, > quote, [link](https://…)', preview: 'What people will see', empty: 'Nothing yet. A rule and two examples are a good start.' },
  crew: {
    who: 'Who may label', all: 'Everybody', allHint: 'All who can sign in, also those who join later.', some: 'Only these', someHint: 'Teams, people, or both.', teams: 'Teams', people: 'People', members: { one: '{n} person', other: '{n} people' }, noTeams: 'No teams yet.', makeTeam: 'Make one',
    find: 'Find a person', chosen: { one: '{n} chosen', other: '{n} chosen' },
  },
  quality: {
    answers: 'Answers', autoTitle: 'Auto-labelling', limits: 'Work and limits', annotators: 'Answers per item', annotatorsHint: '1 to 9 people see each item. One is enough where the labels are clear; the machine then asks for more where it matters.',
    merge: 'How answers are merged', merges: { em: 'By everybody’s reliability (best)', majority: 'By majority', 'ground-truth': 'As Ground Truth does' },
    mergeHint: { em: 'Learns from the answers who errs how often, and with which labels.', majority: 'Each answer counts the same.', 'ground-truth': 'The rules of SageMaker Ground Truth, for comparing.' },
    auto: 'Let the machine label what it is sure of', autoHint: 'A model learns while people work, and takes over the rest once it is good enough.', target: 'Target accuracy, %', targetHint: '80 to 99.9', targetOften: 'Often used',
    targetSays: 'The machine takes over only when its labels are expected to be right at least {share} of the time: at most {n} wrong in {of} of them.', targetHigh: 'From 97 % up, 400 more items go to people as an audit before the machine takes over; it may still say no.',
    maxHuman: 'At most by people (items)', maxHumanHint: 'Empty: as many as it takes.', maxShare: 'At most by machine (%)', maxShareHint: 'Empty: no limit.',
    advance: 'Go on to the next item by itself', advanceHint: 'Choosing a label sends it and shows the next item.', lease: 'Minutes for one item', leaseHint: 'After that it goes to somebody else. 0.5 to 480.', open: 'Items open at a time', openHint: 'How many are with people or waiting for their answers.',
  },
  check: {
    fix: 'Fix', fixName: 'Change the name in scripts', look: 'Look', fine: 'Nothing is in the way.', go: 'Create and start', again: 'Go on', anyway: 'Start without them', backToData: 'Back to the data', stops: { one: '{n} thing to mend first', other: '{n} things to mend first' }, started: '“{title}” is running',
    kept: 'Your draft is kept. Try again, or mend it first.', keptJob: 'The job is made and what was sent is kept. Going on sends only the rest.', items: { one: '{n} item', other: '{n} items' }, itemsAbout: 'about {n} items', perItem: { one: '{n} answer per item', other: '{n} answers per item' }, autoOn: 'auto-label at {share}', autoOff: 'no auto-label',
    nodata: 'there is nothing to label yet.', missing: { one: 'one file is not here any more: {names}', other: '{n} files are not here any more: {names}' }, badlines: { one: '{n} line cannot be read and becomes a failed item.', other: '{n} lines cannot be read and become failed items.' },
    notitle: 'the job has no name.', longtitle: 'the name is longer than 200 characters.', noname: 'the name in scripts cannot be made from this name; please write one.', badname: 'the name in scripts takes letters, digits and single hyphens between them.', notype: 'the kind of task is not chosen.',
    textinimages: 'there are texts among the data, but the task is about images.', imagesintext: 'there are images among the data, but the task is about texts.', noguide: 'there is no guide. People will guess what you mean.', nobody: 'nobody is chosen.',
    annotators: 'answers per item: a whole number from 1 to 9.', target: 'the target is between 80 and 99.9 %.', hightarget: 'a target of 97 % or more needs an audit by people.', maxshare: 'from 1 to 100 %.', maxhuman: 'a whole number, 1 or more.', lease: 'between half a minute and 480 minutes.', open: 'a whole number, 1 or more.', single: 'one answer per item and no machine: nothing will notice a slip.',
    labels: { few: 'at least two labels are needed.', many: 'more than 1,000 labels.', empty: 'a label has no name.', long: 'a label’s name is longer than 256 characters.', twice: '“{name}” is there twice.', key: 'the key {name} is given twice.' },
  },
  send: {
    creating: 'Making the job', sending: 'Sending {done} of {all} files, {sent} of {of}', starting: 'Starting', refused: 'Sent, but not all could be used', done: 'Done', failed: 'Stopped before the end', again: 'Go on', counts: '{added} added · {repeated} there already · {refused} refused',
    refusedN: { one: '{n} line or file could not be used', other: '{n} lines or files could not be used' }, refusedText: 'All others are in. Mend these and send them again later, or go on without them.', list: 'List as CSV', r: { file: 'File', line: 'Line', code: 'Code', message: 'What is wrong' },
  },
};
