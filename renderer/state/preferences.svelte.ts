/**
 * The app's own settings, where the app keeps any: the desktop app does, a node from the command line does not. Dismissed hints are kept
 * there too, and by the browser where there is no such place.
 */
import type { LanguageChoice } from '../i18n/language.ts'
import type { LanguageSetting } from './language.svelte.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { ALL_HINTS, HintId } from '../text/hints.ts'
import type { AppSettings } from '../../node-core/api/app/app-settings.ts'

const HINTS_KEY = 'nodestead.dismissed-hints'

export class Preferences {
  readonly #client: ApiClient
  readonly #language: LanguageSetting
  #app = $state.raw<AppSettings | undefined>()
  /** Chosen before the app said what is kept: the person is right. */
  #early: LanguageChoice | undefined
  #dismissedHints = $state.raw<readonly string[] | undefined>()
  #keptByApp = false
  #flags = $state.raw<Readonly<Record<string, string>> | undefined>()

  constructor(client: ApiClient, language: LanguageSetting) {
    this.#client = client
    this.#language = language
    language.onChoose = (choice) => {
      if (this.#app === undefined) this.#early = choice
      else if (this.#app.language !== choice) this.change({ language: choice }).catch(() => undefined)
    }
  }

  /** Undefined where there are none to keep. */
  get app(): AppSettings | undefined {
    return this.#app
  }

  /** What the command line said. */
  get flags(): Readonly<Record<string, string>> | undefined {
    return this.#flags
  }

  /** Ids of hints, or ALL_HINTS; undefined until it is known which, and none is shown until then. */
  get dismissedHints(): readonly string[] | undefined {
    return this.#dismissedHints
  }

  async dismissHint(hint: HintId | typeof ALL_HINTS): Promise<void> {
    await this.#keepHints([...(this.#dismissedHints ?? []).filter((known) => known !== hint), hint])
  }

  async showHintsAgain(): Promise<void> {
    await this.#keepHints([])
  }

  async load(): Promise<void> {
    const { app, flags, dismissedHints } = await this.#client.settings.get.query()
    this.#flags = flags
    this.#keptByApp = dismissedHints !== undefined
    this.#dismissedHints = dismissedHints ?? hintsOfBrowser()
    const early = this.#early
    if (app === undefined) return
    if (early === undefined || early === app.language) return this.#apply(app)
    await this.change({ language: early })
  }

  async change(change: Partial<AppSettings>): Promise<void> {
    this.#apply(await this.#client.settings.update.mutate(change))
  }

  async #keepHints(hints: readonly string[]): Promise<void> {
    this.#dismissedHints = hints
    if (this.#keptByApp) await this.#client.settings.dismissHints.mutate([...hints])
    else localStorage.setItem(HINTS_KEY, JSON.stringify(hints))
  }

  #apply(app: AppSettings): void {
    this.#app = app
    document.documentElement.dataset['motion'] = app.reduceMotion === 'always' ? 'reduced' : 'system'
    if (app.language !== this.#language.choice) this.#language.choose(app.language)
  }
}

function hintsOfBrowser(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(HINTS_KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((hint) => typeof hint === 'string') : []
  } catch {
    return []
  }
}
