/** How wide the heading of a column is drawn, in pixels: measured again once the fonts are there. */
const FONT = "500 13px 'Inter Variable'"

const context = document.createElement('canvas').getContext('2d')
let fonts = $state(0)
void document.fonts.load(FONT).then(() => fonts++)

export function titleWidth(title: string): number {
  void fonts
  if (context === null) return 0
  context.font = FONT
  return context.measureText(title).width
}
