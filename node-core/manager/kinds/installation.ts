/** Where the parts of this program are. */
export interface Installation {
  /** The specifications that ship with the app. */
  readonly chainsPath: string
  /** The scripts of worker threads, where the program is bundled. */
  readonly workerUrls?: Readonly<Record<'runtime' | 'crypto' | 'explorer' | 'genesis' | 'state' | 'ip', URL>> | undefined
}
