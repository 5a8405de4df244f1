/**
 * End-to-end tests: the desktop app in a real Electron and the dashboard in Chromium. Needs an Electron (build/electron-dist.ts), a
 * Chromium (build/system-deps.ts), and a display (`xvfb-run -a` gives one) where workers do not bring their own.
 *
 * Several workers take one file after the other. Two of them run what mostly waits: for blocks, for time limits, for processes.
 * That leaves time on two cores to a third, which has work to do.
 */
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { canIsolate, isIsolated, isolateForks } from '../../build/isolation.ts'
import { findChromium } from '../../build/system-deps.ts'
import { BuildError, ROOT } from '../../build/terminal.ts'

const WAITING = /[/\\](real-|live|linux-|node|networks|updates|packaged)[^/\\]*\.spec\.ts$/

const isWorker = process.env['TEST_WORKER_INDEX'] !== undefined
const apart = isWorker ? isIsolated() : canIsolate()
if (apart && !isWorker) isolateForks()
if (isWorker && !apart && canIsolate()) throw new BuildError('Workers share a network and a display: Playwright does not start them as build/isolation.ts expects.')

const executablePath = findChromium()

export default defineConfig({
  testDir: join(ROOT, 'test/e2e'),
  outputDir: join(ROOT, 'test-results/playwright'),
  globalSetup: join(ROOT, 'test/e2e/fixtures/global-setup.ts'),
  workers: apart ? 3 : 1,
  fullyParallel: false,
  // What passes only then is told as flaky, and mended (build/test.ts).
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  projects: [
    { name: 'waiting', testMatch: WAITING, workers: 2 },
    { name: 'working', testIgnore: WAITING },
  ],
  use: {
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
