/** A chart as a PNG of fixed size, with its title, its legend and its axes, in the colours of the scheme in use. */
import uPlot from 'uplot'
import { chartData, chartOptions, token, type Series } from '../components/charts/chart.ts'

export const PICTURE = { width: 2400, height: 1000 }
/** Two pixels for one of the screen. */
const SCALE = 2
const MARGIN = 24 * SCALE
const HEAD = 76 * SCALE

export interface PictureOf {
  readonly title: string
  /** What it is a picture of: network and span. */
  readonly subtitle: string
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly format: (value: number) => string
}

export async function chartPicture({ title, subtitle, times, series, format }: PictureOf): Promise<Blob> {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, PICTURE)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no canvas to draw on')
  context.fillStyle = token('surface')
  context.fillRect(0, 0, PICTURE.width, PICTURE.height)
  drawHead(context, title, subtitle, series)
  const plot = await drawPlot(times, series, format, PICTURE.width - 2 * MARGIN, PICTURE.height - HEAD - MARGIN)
  context.drawImage(plot, MARGIN, HEAD)
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture was made')) : resolve(blob)), 'image/png'))
}

function drawHead(context: CanvasRenderingContext2D, title: string, subtitle: string, series: readonly Series[]): void {
  const write = (text: string, weight: number, size: number, color: string, x: number, y: number): number => {
    context.font = `${weight} ${size * SCALE}px "Inter Variable", sans-serif`
    context.fillStyle = token(color)
    context.fillText(text, x, y)
    return x + context.measureText(text).width
  }
  const after = write(title, 600, 18, 'ink', MARGIN, 36 * SCALE)
  write(subtitle, 400, 13, 'muted', after + 12 * SCALE, 36 * SCALE)
  let x = MARGIN
  for (const { label, color } of series) {
    context.fillStyle = token(color)
    context.fillRect(x, 55 * SCALE, 14 * SCALE, 3 * SCALE)
    x = write(label, 400, 13, 'ink', x + 20 * SCALE, 61 * SCALE) + 20 * SCALE
  }
}

/** uPlot draws at the screen's density, whatever that is: it is given the size that comes out right. */
async function drawPlot(
  times: readonly number[],
  series: readonly Series[],
  format: (value: number) => string,
  width: number,
  height: number,
): Promise<HTMLCanvasElement> {
  const density = devicePixelRatio
  const drawing = { series, format, width: width / density, height: height / density, scale: SCALE / density }
  return new Promise((resolve) => {
    const chart = new uPlot(
      { ...chartOptions(drawing), cursor: { show: false }, hooks: { draw: [({ ctx }) => setTimeout(() => finish(ctx.canvas))] } },
      chartData(times, series),
      document.createElement('div'),
    )
    const finish = (canvas: HTMLCanvasElement): void => {
      resolve(canvas)
      setTimeout(() => chart.destroy())
    }
  })
}
