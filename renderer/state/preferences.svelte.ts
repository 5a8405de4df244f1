/** The app's own settings, where the app keeps any: the desktop app does, a node from the command line does not. */
import type { LanguageChoice } from '../i18n/language.ts'
import type { LanguageSetting } from './language.svelte.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { AppSettings } from '../../node-core/api/app/app-settings.ts'

export class Preferences {
  readonly #client: ApiClient
  readonly #language: LanguageSetting
  #app = $state.raw<AppSettings | undefined>()
  /** Chosen before the app said what is kept: the person is right. */
  #early: LanguageChoice | undefined
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

  async load(): Promise<void> {
    const { app, flags } = await this.#client.settings.get.query()
    this.#flags = flags
    const early = this.#early
    if (app === undefined) return
    if (early === undefined || early === app.language) return this.#apply(app)
    await this.change({ language: early })
  }

  async change(change: Partial<AppSettings>): Promise<void> {
    this.#apply(await this.#client.settings.update.mutate(change))
  }

  #apply(app: AppSettings): void {
    this.#app = app
    document.documentElement.dataset['motion'] = app.reduceMotion === 'always' ? 'reduced' : 'system'
    if (app.language !== this.#language.choice) this.#language.choose(app.language)
  }
}
