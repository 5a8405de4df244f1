/**
 * The system's own settings of date and time, where a wrong clock is mended. Windows and macOS have an address for them;
 * on Linux each desktop has a program. Everything that is opened or run here is written here: nothing comes from outside.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { NodeError } from '../node-core/base/errors.ts'

export type TimeSettingsErrorCode = 'TIME_SETTINGS_NOT_OPENED'

export interface TimeSettingsPlace {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The system's way to open an address. */
  readonly openExternal: (url: string) => Promise<void>
}

const ADDRESSES: Readonly<Record<string, string>> = {
  win32: 'ms-settings:dateandtime',
  darwin: 'x-apple.systempreferences:com.apple.Date-Time-Settings.extension',
}

interface SettingsProgram {
  /** As `XDG_CURRENT_DESKTOP` names it. */
  readonly desktop: string
  readonly command: string
  readonly args: readonly string[]
  /** It refuses to run on other desktops. */
  readonly onlyThere?: boolean
}

const PROGRAMS: readonly SettingsProgram[] = [
  { desktop: 'GNOME', command: 'gnome-control-center', args: ['system', 'datetime'], onlyThere: true },
  { desktop: 'KDE', command: 'systemsettings', args: ['kcm_clock'] },
  { desktop: 'KDE', command: 'systemsettings5', args: ['kcm_clock'] },
  { desktop: 'X-Cinnamon', command: 'cinnamon-settings', args: ['calendar'] },
  { desktop: 'MATE', command: 'mate-time-admin', args: [] },
  { desktop: 'LXQt', command: 'lxqt-admin-time', args: [] },
  { desktop: 'XFCE', command: 'time-admin', args: [] },
]

/** Opens them; undefined where there are none. */
export function timeSettings({ platform, env, openExternal }: TimeSettingsPlace): (() => Promise<void>) | undefined {
  const address = ADDRESSES[platform]
  if (address !== undefined) return () => openExternal(address).catch((error: unknown) => Promise.reject(notOpened(error)))
  const program = platform === 'linux' ? findProgram(env) : undefined
  return program === undefined ? undefined : () => run(program.path, program.args, env)
}

/** That of the desktop in use, else the first that is installed and runs anywhere. */
export function findProgram(env: TimeSettingsPlace['env']): { readonly path: string; readonly args: readonly string[] } | undefined {
  const desktops = (env['XDG_CURRENT_DESKTOP'] ?? '').split(':')
  const here = PROGRAMS.filter(({ desktop }) => desktops.includes(desktop))
  for (const { command, args } of [...here, ...PROGRAMS.filter(({ onlyThere }) => onlyThere !== true)]) {
    const path = (env['PATH'] ?? '').split(':').filter(isAbsolute).map((folder) => join(folder, command)).find(isExecutable)
    if (path !== undefined) return { path, args }
  }
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Resolves once it runs; it lives on without this program. */
function run(path: string, args: readonly string[], env: TimeSettingsPlace['env']): Promise<void> {
  return new Promise((resolve, reject) => {
    // The libraries of an AppImage are not for the system's own programs.
    const bundled = env['APPDIR'] === undefined ? {} : { LD_LIBRARY_PATH: undefined, GSETTINGS_SCHEMA_DIR: undefined }
    const child = spawn(path, args, { env: { ...env, ...bundled }, detached: true, stdio: 'ignore', shell: false })
    child.once('error', (error) => reject(notOpened(error)))
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}

function notOpened(cause: unknown): NodeError<TimeSettingsErrorCode> {
  return new NodeError('TIME_SETTINGS_NOT_OPENED', 'The settings of date and time did not open.', {
    cause,
    hint: 'Open them by hand, and let the system set its time from the internet.',
  })
}
