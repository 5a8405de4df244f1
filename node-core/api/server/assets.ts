/**
 * The built renderer as files to serve: by the desktop app under its own scheme (electron/window.ts) and by the
 * dashboard service over HTTP. A request names a file by its path and gets that file or nothing: the folder is read
 * once at the start, and only what was found then can be named, so no path, however it is written, leads out of it.
 */
import { readFile, readdir, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { NodeError } from '../../base/errors.ts'

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

export interface Asset {
  readonly contentType: string
  readonly body: Uint8Array
  /** True where the file's name holds a hash of its content, so that a browser may keep it for good. */
  readonly immutable: boolean
}

export type AssetErrorCode = 'API_ASSETS_MISSING'

export class AssetFolder {
  /** From URL path to file: every file that may be served. */
  readonly #files: ReadonlyMap<string, string>

  private constructor(files: ReadonlyMap<string, string>) {
    this.#files = files
  }

  /** Lists the folder. Throws a NodeError API_ASSETS_MISSING where it is not there or holds no `index.html`. */
  static async open(folder: string): Promise<AssetFolder> {
    const files = new Map<string, string>()
    try {
      const root = await realpath(folder)
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        // Symbolic links are left out: a file served is a file of this folder.
        if (!entry.isFile() || MIME_TYPES[extname(entry.name)] === undefined) continue
        const file = join(entry.parentPath, entry.name)
        files.set(file.slice(root.length).split(sep).join('/'), file)
      }
    } catch (error) {
      throw missing(folder, error)
    }
    if (!files.has('/index.html')) throw missing(folder, undefined)
    return new AssetFolder(files)
  }

  /** The file at a URL's path (`/` is `/index.html`), or undefined where there is none. */
  async read(path: string): Promise<Asset | undefined> {
    const name = path === '/' ? '/index.html' : path
    const file = this.#files.get(name)
    if (file === undefined) return undefined
    const body = await readFile(file)
    return { contentType: MIME_TYPES[extname(file)] as string, body, immutable: name.startsWith('/assets/') }
  }
}

function missing(folder: string, cause: unknown): NodeError<AssetErrorCode> {
  return new NodeError('API_ASSETS_MISSING', `The dashboard files are missing from ${folder}.`, {
    hint: 'The installation is incomplete. Reinstall it, or build it with npm run build.',
    data: { folder },
    cause,
  })
}

/**
 * Headers for every answer. Scripts, styles and fonts come from this origin only and none are inline; `connect` lists
 * what the page may talk to (`'none'` in the desktop window, whose only way out is the preload bridge).
 */
export function securityHeaders(connect: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types svelte-trusted-html',
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
  }
}
