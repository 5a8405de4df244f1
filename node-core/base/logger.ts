/**
 * Logging, as the rest of the node sees it.
 *
 * A record is `(level, module, message, fields)`. Modules are the folder names of this tree. Fields are plain data;
 * secrets never go in. Where the records end up (terminal, file, window) is decided where the node is composed.
 */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogRecord {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly level: LogLevel
  readonly module: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>> | undefined
  /** Of which network's node it is, where the program has several. */
  readonly network?: string
}

export type LogFields = Record<string, unknown>

export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger whose records carry another module name. */
  child(module: string): Logger
  /** What of it is written: one filter for a logger and all its children. */
  readonly levels: LogLevels
}

export type LogSink = (record: LogRecord) => void

/** A level of {@link LOG_LEVELS}, or none of them at all. */
export type LogThreshold = LogLevel | 'off'

/** `default` applies to modules without an entry of their own. */
export type LogFilter = Readonly<{ default: LogThreshold } & Record<string, LogThreshold>>

const THRESHOLDS: readonly string[] = [...LOG_LEVELS, 'off']

/** A module may be written as Substrate's targets are: `babe`, `sub-libp2p`, `runtime::system`. */
const MODULE = /^[A-Za-z_][\w:.-]*$/

/**
 * Parses Substrate's `--log` syntax: `info`, `babe=trace`, `debug,rpc=warn`, `babe=off`; levels in any case. Throws a RangeError that quotes
 * the bad part.
 */
export function parseLogFilter(text: string): LogFilter {
  return { default: 'info', ...parseDirectives(text) }
}

function parseDirectives(text: string): Record<string, LogThreshold> {
  const directives: Record<string, LogThreshold> = {}
  for (const part of text.split(',').map((p) => p.trim()).filter((p) => p !== '')) {
    const at = part.indexOf('=')
    const [module, level] = at < 0 ? ['default', part] : [part.slice(0, at).trim(), part.slice(at + 1).trim()]
    if (!MODULE.test(module)) throw new RangeError(`"${part}" is not a log filter: it has the form level, or module=level`)
    const threshold = level.toLowerCase()
    if (!isThreshold(threshold)) throw new RangeError(`"${part}" is not a log filter: levels are ${THRESHOLDS.join(', ')}`)
    directives[module] = threshold
  }
  return directives
}

function isThreshold(text: string): text is LogThreshold {
  return THRESHOLDS.includes(text)
}

/** A filter that can be changed while loggers go by it. */
export class LogLevels {
  readonly #initial: LogFilter
  #filter: LogFilter

  constructor(filter: LogFilter) {
    this.#initial = this.#filter = filter
  }

  /** Index into {@link LOG_LEVELS} from which on a module's records are written. */
  threshold(module: string): number {
    return THRESHOLDS.indexOf(Object.hasOwn(this.#filter, module) ? (this.#filter[module] as LogThreshold) : this.#filter.default)
  }

  /** Adds directives to those in force. Throws a RangeError, and then nothing has changed. */
  add(directives: string): void {
    this.#filter = { ...this.#filter, ...parseDirectives(directives) }
  }

  /** Back to what was said at the start. */
  reset(): void {
    this.#filter = this.#initial
  }
}

export function createLogger(sinks: readonly LogSink[], filter: LogFilter | LogLevels = { default: 'info' }, module = 'node'): Logger {
  const levels = filter instanceof LogLevels ? filter : new LogLevels(filter)
  const write = (level: LogLevel) => {
    const rank = LOG_LEVELS.indexOf(level)
    return (message: string, fields?: LogFields): void => {
      if (rank < levels.threshold(module)) return
      const record: LogRecord = { time: Date.now(), level, module, message, fields }
      for (const sink of sinks) sink(record)
    }
  }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (name) => createLogger(sinks, levels, name),
    levels,
  }
}

export const silentLogger: Logger = createLogger([])
