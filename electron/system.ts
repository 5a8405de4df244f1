/**
 * What joins the app to the system around it: notifications, opening at login, links, sleep and resume, other networks,
 * and screens that go away.
 */
import { app, dialog, Notification, powerMonitor, screen, type BrowserWindow } from 'electron'
import { networkInterfaces } from 'node:os'
import type { Desktop } from './desktop.ts'
import { wordsFor } from './i18n/words.ts'
import { launchAtLogin } from './launch-at-login.ts'
import { followLink, LINK_SCHEME, requestIn } from './links.ts'
import type { DesktopManager } from './manager.ts'
import { Notifier } from './notifications.ts'
import type { SettingsStore } from './settings.ts'
import { onWakeUp } from './wake-up.ts'
import { keepOnScreen } from './window.ts'
import { systemClock } from '../node-core/base/clock.ts'
import { errorMessage } from '../node-core/base/errors.ts'
import type { NetworkOffers } from '../node-core/api/network/offers.ts'
import type { Logger } from '../node-core/base/logger.ts'

const LOOK_INTERVAL_MS = 15_000

export interface SystemDeps {
  readonly manager: DesktopManager
  readonly settings: SettingsStore
  readonly offers: NetworkOffers
  readonly logger: Logger
}

export function makeNotifier({ manager, settings }: SystemDeps, onClick: () => void): Notifier {
  return new Notifier({
    clock: systemClock,
    words: () => wordsFor(settings.settings().language, app.getLocale()),
    level: () => settings.settings().notifications,
    networkName: (id) => manager.networks().find((network) => network.id === id)?.name ?? id,
    show: (title, body) => {
      if (!Notification.isSupported()) return
      const notification = new Notification({ title, body })
      notification.on('click', onClick)
      notification.show()
    },
  })
}

/** After the app is ready. */
export function joinSystem(deps: SystemDeps, desktop: Desktop, notifier: Notifier): void {
  const { manager, settings, logger } = deps
  manager.events.on('status', (network) => notifier.onStatus(network))
  manager.events.on('troubles', (troubles) => notifier.onTroubles(troubles))

  powerMonitor.on(
    'resume',
    onWakeUp(systemClock, () => {
      logger.info('the computer woke up')
      manager.wake()
    }),
  )
  let interfaces = addresses()
  setInterval(() => {
    notifier.look(manager.networks())
    const now = addresses()
    if (now !== interfaces) {
      interfaces = now
      logger.info('the computer is in another network')
      manager.wake()
    }
  }, LOOK_INTERVAL_MS).unref()
  screen.on('display-removed', () => {
    if (desktop.window !== undefined) keepOnScreen(desktop.window)
  })

  let atLogin = settings.settings().launchAtLogin
  settings.events.on('changed', (changed) => {
    if (changed.launchAtLogin === atLogin) return
    atLogin = changed.launchAtLogin
    setLaunchAtLogin(atLogin).catch((error: unknown) => logger.error('opening at login could not be set', { reason: errorMessage(error) }))
  })

  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
  const link = requestIn(process.argv, process.cwd())
  if (link !== undefined) follow(link, deps, desktop)
}

export function setLaunchAtLogin(on: boolean): Promise<void> {
  const installed = process.env['APPIMAGE'] ?? process.execPath
  return launchAtLogin(on, {
    platform: process.platform,
    env: process.env,
    command: app.isPackaged ? [installed] : [process.execPath, app.getAppPath()],
    setLoginItem: (item) => app.setLoginItemSettings(item),
  })
}

/** A link that came with a second start, or from the system. */
export function follow(link: string, { manager, settings, offers }: SystemDeps, desktop: Desktop): void {
  const words = () => wordsFor(settings.settings().language, app.getLocale())
  desktop.open()
  void followLink(link, {
    manager,
    offer: manager.admin === undefined ? undefined : (source) => offers.offer(source),
    words,
    ask: (message, detail, button) => askInWindow(desktop.window, { settings }, message, detail, button),
    refuse: async (message, detail) => void (await box(desktop.window, { message, detail, buttons: ['OK'] })),
    show: (name) => desktop.showScreen(name),
  })
}

/** Resolves true where the person pressed `button`. */
export async function askInWindow(window: BrowserWindow | undefined, { settings }: Pick<SystemDeps, 'settings'>, message: string, detail: string, button: string): Promise<boolean> {
  const { cancel } = wordsFor(settings.settings().language, app.getLocale())
  return (await box(window, { message, detail, buttons: [cancel, button] })) === 1
}

/** The first button is the one that changes nothing. */
async function box(window: BrowserWindow | undefined, options: { message: string; detail: string; buttons: string[] }): Promise<number> {
  const all = { type: 'question' as const, defaultId: 0, cancelId: 0, ...options }
  return (await (window === undefined ? dialog.showMessageBox(all) : dialog.showMessageBox(window, all))).response
}

/** Loopback and what has no address of its own say nothing about where the computer is. */
function addresses(): string {
  return Object.values(networkInterfaces())
    .flatMap((list) => (list ?? []).filter(({ internal, address }) => !internal && !address.startsWith('fe80:')).map(({ address }) => address))
    .sort()
    .join()
}
