/** Pages in a real Chromium, each on an origin of its own, which have a script that is bundled here. A test that needs it is skipped where there is none. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { findChromium } from '../../build/system-deps.ts'

const CHROMIUM = findChromium()

/** What a test that is skipped for want of it says in its name. */
export const WITHOUT_CHROMIUM = CHROMIUM === undefined ? ' (skipped: there is no Chromium; CHROMIUM_PATH may name one)' : ''

/** Sites that serve one page with one script, from when they are started; the browser starts with the first page that is opened. */
export class ChromiumPages {
  readonly #servers: Server[] = []
  readonly #entry: string
  #script: Promise<string> | undefined
  #browser: Promise<Browser> | undefined

  /** `entry`: the file of the script, which is bundled with the first page. */
  static async start(entry: string, sites: number): Promise<ChromiumPages> {
    const pages = new ChromiumPages(entry)
    for (let site = 0; site < sites; site++) await pages.#serve()
    return pages
  }

  private constructor(entry: string) {
    this.#entry = entry
  }

  get origins(): readonly string[] {
    return this.#servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  /** Certificates that vouch for themselves are taken. */
  async open(origin: string): Promise<Page> {
    this.#script ??= bundled(this.#entry)
    this.#browser ??= chromium.launch({ executablePath: CHROMIUM as string, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
    const page = await (await this.#browser).newPage({ ignoreHTTPSErrors: true })
    await page.goto(origin)
    return page
  }

  async stop(): Promise<void> {
    await (await this.#browser)?.close()
    for (const server of this.#servers) {
      server.closeAllConnections()
      server.close()
    }
  }

  #serve(): Promise<void> {
    const server = createServer((request, response) => {
      if (request.url === '/script.js') void this.#script?.then((script) => response.setHeader('content-type', 'text/javascript').end(script))
      else response.setHeader('content-type', 'text/html; charset=utf-8').end('<!doctype html><title>A site</title><script src="/script.js" type="module"></script>')
    })
    this.#servers.push(server)
    return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  }
}

async function bundled(entry: string): Promise<string> {
  const [bundle] = (await build({ configFile: false, logLevel: 'error', build: { write: false, minify: false, target: 'es2023', lib: { entry, formats: ['es'] } } })) as Rolldown.RolldownOutput[]
  return bundle?.output[0].code ?? ''
}
