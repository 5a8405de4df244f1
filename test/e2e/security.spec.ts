/**
 * Electron's security checklist (https://www.electronjs.org/docs/latest/tutorial/security), point by point, on the packaged
 * app as it runs: points 1 to 10, what the page is. Those about where it goes and whom it talks to are in confinement.spec.ts;
 * points 16 and 19, and the system's sandbox, in packaged.spec.ts.
 */
import { createSocket } from 'node:dgram'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './fixtures/packaged-app.ts'
import { preferencesOf, switchesOf } from './fixtures/app-window.ts'
import { requestAll } from './fixtures/permissions.ts'
import { reachOut } from './fixtures/ways-out.ts'

test('1. Only load secure content: the page is its own files, and nothing in it reaches a port of this computer', async ({ packaged: { page, electron } }) => {
  const parts = await page.evaluate(() => [...document.querySelectorAll<HTMLScriptElement & HTMLLinkElement>('[src], link')].map(({ src, href }) => src ?? href))
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.filter((url) => !url.startsWith('app://nodestead/'))).toEqual([])

  const heard: string[] = []
  const tcp = createServer((socket) => {
    heard.push('TCP')
    socket.on('error', () => undefined).end()
  })
  const udp = createSocket('udp4', () => heard.push('UDP'))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  const ports = { tcp: (tcp.address() as AddressInfo).port, udp: udp.address().port }
  try {
    const tried = await page.evaluate(reachOut, ports)
    expect(Object.values(tried).filter((outcome) => outcome === 'reached')).toEqual([])
    expect(Object.keys(tried).length).toBeGreaterThan(20)
    expect(heard).toEqual([])
    // That silence means something: the main process is heard, and with the one rule taken away so is the page's call.
    await electron.evaluate(({ net }, port) => net.fetch(`http://127.0.0.1:${port}/`).catch(() => undefined), ports.tcp)
    expect(heard.splice(0)).toContain('TCP')
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setWebRTCIPHandlingPolicy('default'))
    // Tried until it is heard: on a busy computer one call, which is over in a second, now and then is not.
    await expect(async () => {
      await page.evaluate(reachOut, ports)
      expect(heard).toContain('UDP')
    }).toPass({ timeout: 30_000 })
    expect(heard).not.toContain('TCP')
  } finally {
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp'))
    tcp.close()
    udp.close()
  }
})

test('2. Do not enable Node.js integration for remote content: the page has none of it', async ({ packaged: { page, electron } }) => {
  const found = await page.evaluate(() => ['require', 'process', 'module', 'exports', 'global', 'Buffer', '__dirname', 'setImmediate', 'electron'].filter((name) => name in globalThis))
  expect(found).toEqual([])
  const preferences = await preferencesOf(electron)
  expect([preferences['nodeIntegration'], preferences['nodeIntegrationInWorker'] ?? false, preferences['nodeIntegrationInSubFrames']]).toEqual([false, false, false])
})

test('3. Enable context isolation: page and preload script do not see each other', async ({ packaged: { page, electron } }) => {
  expect((await preferencesOf(electron))['contextIsolation']).toBe(true)
  await page.evaluate(() => Object.assign(globalThis, { pages: 1 }))
  const inPreload = await electron.evaluate(({ BrowserWindow }) =>
    // The preload script's world has this number.
    BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScriptInIsolatedWorld(999, [{ code: 'globalThis.preloads = 1; [location.origin, typeof pages, typeof nodestead].join(" ")' }]),
  )
  expect(inPreload).toBe('app://nodestead undefined undefined')
  expect(await page.evaluate(() => 'preloads' in globalThis)).toBe(false)
})

test('4. Enable process sandboxing: a preload script gets no Node, even in a window that asks for none of it', async ({ packaged: { electron } }) => {
  expect((await preferencesOf(electron))['sandbox']).toBe(true)
  const preload = join(tmpdir(), `nodestead-preload-${process.pid}.cjs`)
  await writeFile(preload, "let has = 'fs'; try { require('node:fs').readFileSync('/etc/hostname') } catch (error) { has = error.message }\nrequire('electron').contextBridge.exposeInMainWorld('has', has)")
  const has: unknown = await electron.evaluate(async ({ BrowserWindow }, script) => {
    const window = new BrowserWindow({ show: false, webPreferences: { preload: script } })
    await window.loadURL('data:text/html,<title>other</title>')
    const answer: unknown = await window.webContents.executeJavaScript('has')
    window.destroy()
    return answer
  }, preload)
  await rm(preload)
  expect(has).toBe('module not found: node:fs')
})

test('5. Handle session permission requests: all are denied, in any session', async ({ packaged: { page, electron } }) => {
  const granted: unknown = await electron.evaluate(async ({ BrowserWindow }, code) => {
    const [ours] = BrowserWindow.getAllWindows()
    const other = new BrowserWindow({ show: false, webPreferences: { partition: 'other' } })
    await other.loadURL('data:text/html,<title>other</title>')
    // As if a person had clicked, which some of them ask for.
    const granted: unknown[] = await Promise.all([ours, other].map(async (window) => window?.webContents.executeJavaScript(code, true) as unknown))
    other.destroy()
    return granted
  }, `(${requestAll.toString()})()`)
  expect(granted).toEqual([[], []])
  const names = ['camera', 'microphone', 'geolocation', 'notifications', 'midi', 'clipboard-read', 'persistent-storage', 'clipboard-write']
  const states = await page.evaluate((list) => Promise.all(list.map((name) => navigator.permissions.query({ name } as never).then(({ state }) => state))), names)
  // To copy text is the one thing that our page may do.
  expect(states).toEqual([...names.slice(1).map(() => 'denied'), 'granted'])
})

test('6. Do not disable webSecurity: another page reads nothing of ours', async ({ packaged: { electron } }) => {
  expect((await preferencesOf(electron))['webSecurity']).toBe(true)
  const read: unknown = await electron.evaluate(async ({ BrowserWindow }) => {
    const window = new BrowserWindow({ show: false })
    await window.loadURL('data:text/html,<title>foreign</title>')
    const answer: unknown = await window.webContents.executeJavaScript(`Promise.all([
      fetch('app://nodestead/').then(() => 'read', () => 'refused'),
      fetch('file:///etc/hostname').then(() => 'read', () => 'refused'),
      new Promise((resolve) => Object.assign(document.body.appendChild(new Image()), { onload: () => resolve('read'), onerror: () => resolve('refused'), src: 'app://nodestead/favicon.svg' })),
    ])`)
    window.destroy()
    return answer
  })
  expect(read).toEqual(['refused', 'refused', 'refused'])
})

test('7. Define a Content-Security-Policy: as a header, and no inline script runs under it', async ({ packaged: { page, electron } }) => {
  const policy = await electron.evaluate(({ session }) => session.defaultSession.fetch('app://nodestead/').then(({ headers }) => headers.get('content-security-policy')))
  const directives = new Map((policy ?? '').split(';').map((part) => part.trim().split(/ (.*)/)).map(([name, value]) => [name, value]))
  expect([directives.get('default-src'), directives.get('script-src'), directives.get('connect-src')]).toEqual(["'none'", "'self'", "'none'"])
  expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/)

  // Our own page under its own header, with what an attacker would have put into it.
  const ran: unknown = await electron.evaluate(async ({ BrowserWindow, session }) => {
    const own = await session.defaultSession.fetch('app://nodestead/')
    const html = (await own.text()).replace('</body>', `<script>ran = 'inline'</script><img src="nothing" onerror="ran = 'handler'"><a href="javascript:ran = 'link'"></a><script src="data:text/javascript,ran = 'data'"></script></body>`)
    const injected = session.fromPartition('injected')
    injected.protocol.handle('app', () => new Response(html, { headers: own.headers }))
    const window = new BrowserWindow({ show: false, webPreferences: { session: injected } })
    await window.loadURL('app://nodestead/')
    const answer: unknown = await window.webContents.executeJavaScript(`document.querySelector('a').click(); new Promise((resolve) => setTimeout(resolve, 100)).then(() => [document.images.length, typeof ran])`)
    window.destroy()
    return answer
  })
  expect(ran).toEqual([1, 'undefined'])

  const refused = await page.evaluate(async () => {
    // What the test itself says may be evaluated; what the page does later may not.
    await new Promise((resolve) => setTimeout(resolve))
    const attempts = [
      () => (0, eval)('1'),
      () => (Reflect.construct(Function, ['return 1']) as () => unknown)(),
      () => (document.body.innerHTML += ''),
      () => (globalThis as never as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }).trustedTypes.createPolicy('another', {}),
      () => (globalThis as never as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }).trustedTypes.createPolicy('svelte-trusted-html', {}),
    ]
    return attempts.map((attempt) => {
      try {
        attempt()
        return 'allowed'
      } catch (error) {
        return (error as Error).name
      }
    })
  })
  expect(refused).toEqual(['EvalError', 'EvalError', 'TypeError', 'TypeError', 'TypeError'])
})

test('8. Do not enable allowRunningInsecureContent', async ({ packaged: { page, electron } }) => {
  expect((await preferencesOf(electron))['allowRunningInsecureContent']).toBe(false)
  expect(await switchesOf(electron, ['allow-running-insecure-content', 'disable-web-security', 'ignore-certificate-errors', 'unsafely-treat-insecure-origin-as-secure'])).toEqual([])
  expect(await page.evaluate(() => isSecureContext)).toBe(true)
})

test('9. Do not enable experimental features', async ({ packaged: { electron } }) => {
  expect((await preferencesOf(electron))['experimentalFeatures']).toBe(false)
  expect(await switchesOf(electron, ['enable-experimental-web-platform-features', 'enable-experimental-webassembly-features', 'js-flags'])).toEqual([])
})

test('10. Do not use enableBlinkFeatures', async ({ packaged: { electron } }) => {
  expect((await preferencesOf(electron))['enableBlinkFeatures']).toBe('')
  expect(await switchesOf(electron, ['enable-blink-features'])).toEqual([])
})
