/**
 * What of a state is here: spans that were proven and are stored, apart from each other and in order. What lies between them is still to
 * be had. Whoever stores a piece adds it in the same batch, so this is also where a download goes on after a crash.
 */
import type { ScaleReader } from '../../../scale/reader.ts'
import type { ScaleWriter } from '../../../scale/writer.ts'
import { BEGINNING, comparePositions, type Position, type Span } from './position.ts'

/** Spans that a stored coverage may have: far more than a download ever works on. */
const MAX_SPANS = 65_536

export class Coverage {
  #spans: Span[]

  constructor(spans: readonly Span[] = []) {
    this.#spans = [...spans]
  }

  get spans(): readonly Span[] {
    return this.#spans
  }

  get isComplete(): boolean {
    return this.gaps().length === 0
  }

  /** Takes a span in, which may lie over others; neighbours become one. */
  add(span: Span): void {
    let { after, until } = span
    const apart: Span[] = []
    for (const other of this.#spans) {
      if (comparePositions(other.until, after) < 0 || comparePositions(until, other.after) < 0) {
        apart.push(other)
        continue
      }
      if (comparePositions(other.after, after) < 0) after = other.after
      if (comparePositions(other.until, until) > 0) until = other.until
    }
    const at = apart.findIndex((other) => comparePositions(other.after, after) > 0)
    apart.splice(at === -1 ? apart.length : at, 0, { after, until })
    this.#spans = apart
  }

  /** What is missing, in order. */
  gaps(): Span[] {
    return this.missing({ after: BEGINNING, until: undefined })
  }

  /** What is missing of a span, in order. */
  missing({ after, until }: Span): Span[] {
    const gaps: Span[] = []
    let from: Position | undefined = after
    for (const span of this.#spans) {
      if (from === undefined || comparePositions(span.until, from) <= 0) continue
      if (comparePositions(span.after, until) >= 0) break
      if (comparePositions(span.after, from) > 0) gaps.push({ after: from, until: span.after })
      from = span.until
    }
    if (from !== undefined && comparePositions(from, until) < 0) gaps.push({ after: from, until })
    return gaps
  }

  encode(writer: ScaleWriter): ScaleWriter {
    return writer.vec(this.#spans, (scale, { after, until }) => {
      writePosition(scale, after)
      scale.option(until, writePosition)
    })
  }

  /** Throws a ScaleError. */
  static decode(reader: ScaleReader): Coverage {
    return new Coverage(reader.vec((scale) => ({ after: readPosition(scale), until: scale.option(readPosition) }), 2, MAX_SPANS))
  }
}

function writePosition(scale: ScaleWriter, position: Position): void {
  scale.vec(position, (inner, key) => inner.bytes(key))
}

function readPosition(scale: ScaleReader): Position {
  return scale.vec((inner) => inner.bytes(), 1, 2)
}
