/** The icons of the app, drawn for it: 20 px box, 1.5 px stroke. Defined once in the page, shown by reference. */

const SHAPES = {
  phone: <><rect x="2.8" y="3.5" width="3.8" height="13" rx="1.6"/><path d="M6.6 5.5h9.1a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5H6.6"/><path d="M9.5 8.5h4.8M9.5 11.5h.01M11.9 11.5h.01M14.3 11.5h.01"/></>,
  gateway: <><rect x="2.5" y="6" width="15" height="8" rx="1"/><path d="M5.5 11.5v-2h2v2M9.5 11.5v-2h2v2"/><path d="M14.5 9.5h.01M14.5 11.5h.01M5 14v2M15 14v2"/></>,
  dect: <><rect x="5" y="9" width="10" height="8" rx="1"/><path d="M10 9V6.5M10 13h.01"/><path d="M7.2 5.8a3.6 3.6 0 0 1 5.6 0M5 3.8a6.6 6.6 0 0 1 10 0"/></>,
  va: <><path d="M6 15.5a3.5 3.5 0 0 1-.5-7 5 5 0 0 1 9.6 1.2 3 3 0 0 1-.4 5.8z"/><path d="M8.3 12h3.4"/></>,
  platform: <><rect x="3" y="3.5" width="14" height="5.5" rx="1"/><rect x="3" y="11" width="14" height="5.5" rx="1"/><path d="M6 6.2h.01M6 13.8h.01M9.5 6.2H14M9.5 13.8H14"/></>,
  domain: <><path d="M4 17V4h7.5v13M11.5 8H16v9M2.5 17h15"/><path d="M6.6 7h2.3M6.6 10h2.3M6.6 13h2.3M13.6 11h.01M13.6 14h.01"/></>,
  key: <><circle cx="6.5" cy="13.5" r="3.2"/><path d="m8.8 11.2 7.7-7.7M13.4 6.6l2.2 2.2M11 9l1.4 1.4"/></>,
  tasks: <><path d="M8.5 5H17M8.5 10H17M8.5 15H17M3 5l1.2 1.2L6.3 4M3 10l1.2 1.2L6.3 9M3.5 15h2"/></>,
  skip: <><circle cx="10" cy="10" r="6.8"/><path d="m6.8 7.5 2.5 2.5-2.5 2.5M10.7 7.5l2.5 2.5-2.5 2.5"/></>,
  download: <><path d="M10 3.5v9M6.5 9.2 10 12.7l3.5-3.5M3.5 16.5h13"/></>,
  upload: <><path d="M10 12.5v-9M6.5 7 10 3.5 13.5 7M3.5 16.5h13"/></>,
  print: <><path d="M6 8V3.5h8V8M6 14H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1h12a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-2"/><path d="M6 12h8v4.5H6z"/></>,
  stop: <><rect x="5" y="5" width="10" height="10" rx="1"/></>,
  search: <><circle cx="8.8" cy="8.8" r="5.3"/><path d="m12.8 12.8 4 4"/></>,
  down: <><path d="m5.5 8 4.5 4.5L14.5 8"/></>,
  right: <><path d="m8 5.5 4.5 4.5L8 14.5"/></>,
  close: <><path d="m5.5 5.5 9 9M14.5 5.5l-9 9"/></>,
  check: <><path d="m4.5 10.5 3.8 3.8 7.2-8"/></>,
  plus: <><path d="M10 4v12M4 10h12"/></>,
  more: <><g class="dot"><circle cx="4.5" cy="10" r="1.4"/><circle cx="10" cy="10" r="1.4"/><circle cx="15.5" cy="10" r="1.4"/></g></>,
  columns: <><rect x="3" y="4" width="14" height="12" rx="1"/><path d="M8 4v12M12.5 4v12"/></>,
  scheme: <><circle cx="10" cy="10" r="6.8"/><path class="full" d="M10 3.2a6.8 6.8 0 0 1 0 13.6z"/></>,
  user: <><circle cx="10" cy="7" r="3.2"/><path d="M3.8 16.8c.8-3.2 3.2-4.6 6.2-4.6s5.4 1.4 6.2 4.6"/></>,
  eye: <><path d="M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5z"/><circle cx="10" cy="10" r="2.2"/></>,
  copy: <><rect x="7" y="7" width="9.5" height="9.5" rx="1"/><path d="M13 7V4.5a1 1 0 0 0-1-1H4.5a1 1 0 0 0-1 1V12a1 1 0 0 0 1 1H7"/></>,
  external: <><path d="M11 3.5h5.5V9M16.2 3.8 9.5 10.5M14 11.5v4a1 1 0 0 1-1 1H4.5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h4"/></>,
  restart: <><path d="M15.8 8A6.3 6.3 0 1 0 16 12"/><path d="M16.5 4v4.2h-4.2"/></>,
  trash: <><path d="M3.5 5.5h13M8 5.5v-2h4v2M5 5.5l.8 11h8.4l.8-11M8.5 9v4.5M11.5 9v4.5"/></>,
  left: <><path d="M12 5.5 7.5 10l4.5 4.5"/></>,
  tag: <><path d="M3.5 3.5h6.2l6.8 6.8-6.2 6.2-6.8-6.8z"/><path d="M7 7h.01"/></>,
  history: <><path d="M4.2 7A6.6 6.6 0 1 1 3.4 10"/><path d="M4 3.5V7h3.5M10 6.5V10l2.5 1.8"/></>,
  lock: <><rect x="4.5" y="9" width="11" height="7.5" rx="1"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/></>,
  pulse: <><path d="M2.5 10.5h3.2l2-5 3.8 9.5 2.3-6 1 1.5h2.7"/></>,
  unplug: <><path d="m3 17 3.2-3.2M13.8 6.2 17 3M5.2 12.6l2.2 2.2a2 2 0 0 0 2.8 0l1.2-1.2-5-5-1.2 1.2a2 2 0 0 0 0 2.8zM14.8 7.4l-2.2-2.2a2 2 0 0 0-2.8 0M3 3l14 14"/></>,
  collapse: <><rect x="3" y="4" width="14" height="12" rx="1"/><path d="M8 4v12M13.5 8l-2 2 2 2"/></>,
  info: <><circle cx="10" cy="10" r="7"/><path d="M10 9.2v4.3M10 6.5h.01"/></>,
  ok: <><circle cx="10" cy="10" r="6.8"/><path d="m6.8 10.2 2.2 2.3 4.2-4.8"/></>,
  off: <><circle cx="10" cy="10" r="6.8"/><path d="M7 10h6"/></>,
  warn: <><path class="full" d="M10 2.2 18.6 17H1.4z"/><path class="cut" d="M10 7.8v4.2M10 14.6h.01"/></>,
  err: <><path class="full" d="M6.7 2.3h6.6l4.4 4.4v6.6l-4.4 4.4H6.7l-4.4-4.4V6.7z"/><path class="cut" d="m7.3 7.3 5.4 5.4M12.7 7.3l-5.4 5.4"/></>,
  run: <><path d="M10 3.2A6.8 6.8 0 1 1 3.2 10"/></>,
  wait: <><circle cx="10" cy="10" r="6.8"/><path d="M10 6.2V10l2.6 1.8"/></>,
  unassigned: <><circle cx="10" cy="10" r="6.8" stroke-dasharray="2.6 2.7"/><path d="M10 7v6M7 10h6"/></>,
  sortup: <><path d="M10 15V5.5M6.5 9 10 5.5 13.5 9"/></>,
} as const
export type IconName = keyof typeof SHAPES

/** All icons, once per page. */
export const Sprite = () => (
  <svg class="sprite" aria-hidden="true">
    {Object.entries(SHAPES).map(([name, shape]) => <symbol id={`i-${name}`} viewBox="0 0 20 20">{shape}</symbol>)}
  </svg>
)

/** @param size `s` 16 px, `l` 32 px, `xl` 56 px; 20 px otherwise */
export const Icon = ({ name, size, spin }: { name: IconName, size?: 's' | 'l' | 'xl', spin?: boolean }) => (
  <svg class={`i${size ? ` i-${size}` : ''}${spin ? ' spin' : ''}`} aria-hidden="true"><use href={`#i-${name}`} /></svg>
)

/** The mark of the app. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <rect class="mark-bg" width="24" height="24" rx="2" />
    <g class="mark-fg"><rect x="5" y="5" width="6" height="6" /><rect x="13" y="5" width="6" height="6" opacity=".45" /><rect x="5" y="13" width="6" height="6" opacity=".45" /><rect x="13" y="13" width="6" height="6" /></g>
  </svg>
)
