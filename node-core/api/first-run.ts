/** The app's memory of its first run, as the API needs it. */

/** What the app knows of its first run. A node from the command line has none: its flags have said everything. */
export interface FirstRunKeeper {
  /** Nobody was led through the guide, and nothing was run here before. */
  readonly needed: boolean
  /** From now on it comes only when it is asked for. */
  complete(): void
  /** Where networks get a folder whose place nobody chose. */
  readonly networksFolder: string
  /** The app can be opened by the system when the person logs in. */
  readonly canLaunchAtLogin: boolean
}
