/** Line icons on a 20-pixel grid: the `d` of one path each, drawn with a round stroke of 1.5. */
export const ICONS = {
  overview: 'M3 9.5 10 4l7 5.5M5 8.5V16h10V8.5M8.5 16v-4h3v4',
  peers: 'M10 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4M4.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4M15.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4M9 7.8l-3.4 4.5M11 7.8l3.4 4.5M6.5 14h7',
  sync: 'M4 9a6 6 0 0 1 10.5-3M16 11a6 6 0 0 1-10.5 3M14.5 3v3h-3M5.5 17v-3h3',
  topics: 'M3.5 5h9v6h-5l-2.5 2.5V11h-1.5zM15 8h1.5v6H15v2.5L12.5 14H9',
  blocks: 'M10 3 16 6.5v7L10 17l-6-3.5v-7zM4 6.5l6 3.5 6-3.5M10 10v7',
  keys: 'M7 16a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M9.5 10 16 3.5M13 6.5l2.5 2.5M15 4.5l1.5 1.5',
  logs: 'M4 5h12M4 10h12M4 15h7',
  metrics: 'M3.5 16.5h13M5.5 13.5v-3M9 13.5v-7M12.5 13.5v-4.5M16 13.5v-9',
  settings: 'M4 6h6M14 6h2M4 14h2M10 14h6M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4M8 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  about: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M10 9.5V13M10 6.8v.1',
  plus: 'M10 4.5v11M4.5 10h11',
  download: 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12',
  start: 'M6.5 4.5v11l9-5.5z',
  stop: 'M5.5 5.5h9v9h-9z',
  pause: 'M7 5v10M13 5v10',
  restart: 'M15.5 10a5.5 5.5 0 1 1-1.6-3.9M15.5 3.5v3h-3',
  copy: 'M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3',
  check: 'M4.5 10.5 8.5 14.5 15.5 6',
  warning: 'M10 3.5 17.5 16h-15zM10 8.5v3.5M10 14v.1',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  down: 'M10 4v11M5.5 10.5 10 15l4.5-4.5',
  chevron: 'M6 8l4 4 4-4',
  minus: 'M5 10h10',
  dots: 'M5 10v.1M10 10v.1M15 10v.1',
} as const

export type IconName = keyof typeof ICONS
