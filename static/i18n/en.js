// English. One object per screen; {n} is a number and picks the plural form.

export const en = {
  field: { show: 'Show', hide: 'Hide', showPassword: 'Show password' },
  dialog: { close: 'Close', cancel: 'Cancel' },
  toast: { close: 'Dismiss', region: 'Notes' },
  palette: { none: 'Nothing found.', found: { one: '{n} found', other: '{n} found' } },
  theme: {
    button: 'Theme: {now}', auto: 'as the system', light: 'light', dark: 'dark',
  },
  nav: {
    main: 'Main', skip: 'Skip to the page', crumbs: 'Where you are', tasks: 'Tasks', jobs: 'Jobs',
    people: 'People', admin: 'Server', me: 'Settings', keys: 'API keys', helpKeys: 'Keyboard keys',
    signOut: 'Sign out', person: 'Menu of {name}',
  },
  role: { annotator: 'annotator', reviewer: 'reviewer', lead: 'project lead', admin: 'admin' },
  state: {
    loading: 'Loading', failed: 'This did not work', unreached: 'The server cannot be reached',
    errorId: 'Error id {id}', retry: 'Try again', forbidden: 'Not for your role',
    needsRole: 'This page needs the role “{role}”.', whoGrants: 'An admin of this server can grant it.',
    notFound: 'Not found', notFoundText: 'There is nothing at this address.', toStart: 'Go to the start',
  },
  offline: {
    strip: {
      one: 'Offline – work is kept on this computer ({n} answer waiting)',
      other: 'Offline – work is kept on this computer ({n} answers waiting)',
    },
    noStorage: 'This browser keeps nothing on disk (a private window, or no space). Your work goes to '
      + 'the server every 2 seconds; stay on this page until it says “sent”.',
  },
  login: {
    title: 'Sign in', name: 'Name', password: 'Password', keep: 'Keep me signed in for 14 days',
    submit: 'Sign in', refused: 'Name and password do not match anybody here. Check both and try again.',
    locked: 'Too many attempts. Sign-in opens again at {until}.',
    unreached: 'The server cannot be reached. Check the network and try again.',
    again: 'Sign in again', againText: 'Your session has ended. Your work is kept; sign in and go on where you are.',
    trouble: 'No account yet, or the password forgotten? An admin of this server can send you a new link.',
    needsAdmin: 'This server has no admin yet. Open the one-time link that “plumbline serve” printed when it started.',
    tagline: 'Data labelling on your own server',
  },
  join: {
    title: 'Welcome to Plumbline', role: 'You are invited as {role}.',
    firstAdmin: 'You are setting up this server as its first admin.',
    expires: 'The link works until {when}.', name: 'Your name', nameHint: 'Others see it, and you sign in with it.',
    password: 'Password', passwordHint: 'At least 8 characters. Any characters, spaces too.',
    short: 'The password needs at least 8 characters; it has {n}.', submit: 'Create account',
    gone: 'This link does not work any more',
    goneText: 'It was used already or its time is over. Ask the person who sent it for a new one.',
    noName: 'Please give a name.',
  },
  signout: {
    title: { one: '{n} answer has not been sent', other: '{n} answers have not been sent' },
    text: 'They stay on this computer, readable only by you, and are sent when you sign in here again.',
    ok: 'Sign out and keep them',
  },
  job: {
    state: {
      initializing: 'Not started', in_progress: 'In progress', paused: 'Paused', completed: 'Completed',
      failed: 'Failed', stopping: 'Stopping', stopped: 'Stopped',
    },
    type: { 'image-classification': 'Image, one label', 'text-classification': 'Text, one label' },
  },
};
