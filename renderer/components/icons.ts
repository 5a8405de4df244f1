/** Line icons on a 20-pixel grid: the `d` of one path each, drawn with a round stroke of 1.5. */
export const ICONS = {
  overview: 'M3 9.5 10 4l7 5.5M5 8.5V16h10V8.5M8.5 16v-4h3v4',
  logs: 'M4 5h12M4 10h12M4 15h7',
  start: 'M6.5 4.5v11l9-5.5z',
  stop: 'M5.5 5.5h9v9h-9z',
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
