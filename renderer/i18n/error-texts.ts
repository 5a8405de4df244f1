/** The shape of a language's table of errors. */
export interface ErrorText {
  /** What happened; `{path}` stands for what the error's data has under `path`. */
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

/** By code; `CODE/problem` where the error's data tells of a `problem` of its own. */
export type ErrorTexts = Readonly<Record<string, ErrorText>>
