// The shapes that travel between the server and the browser (see docs of /api/v1), and the person's
// settings. Names are the server's.

export interface Label {
  id: string;
  name: string;
  description?: string;
  color?: string;
  hot_key?: string;
  hidden?: boolean;
}

export interface Media {
  url: string;
  preview: string;
  width: number;
  height: number;
}

export interface Draft {
  revision: number;
  value: any;
}

export interface Task {
  lease: string;
  item: string;
  job: string;
  line: number;
  expires: string;
  source?: string;
  media?: Media;
  draft?: Draft;
  answer?: { label: string };
}

export interface Guide {
  title: string;
  type: string;
  description?: string;
  instructions: string;
  instructions_version: number;
  labels: Label[];
  auto_advance: boolean;
  lease_seconds: number;
  label_set_version: number;
  state: string;
}

export interface JobCard {
  id: string;
  name: string;
  title: string;
  type: string;
  labels_count: number;
  available: number;
  mine_done: number;
  held: number;
  state: string;
  auto_advance: boolean;
}

export interface Recent {
  id: string;
  job: string;
  item: string;
  label: string;
  created: string;
  undoable: boolean;
  text?: string;
  preview?: string;
}

export interface KeyPreferences {
  mode?: 'on' | 'off' | 'alt';
  hand?: 'left' | 'right' | 'both';
  remap?: { [action: string]: string };
}

export interface Preferences {
  theme?: 'auto' | 'light' | 'dark';
  surround?: 'dark' | 'black' | 'grey' | 'white' | 'checker';
  text?: '15' | '17' | '20' | '24';
  motion?: 'auto' | 'reduced';
  advance?: 'job' | 'on' | 'off';
  wheel?: 'zoom' | 'pan';
  timer?: boolean;
  keys?: KeyPreferences;
  guides?: { [job: string]: number };
  [other: string]: any;
}
