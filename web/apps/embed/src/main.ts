import { takeConfig, takeView } from './config'
import { firstAnswers } from './first'
import { connectHost } from './host'
import { takeKey } from './key'
import './page.css'
import { pages } from './pages'
import { painted } from './painted'

const byKey = takeKey()
const view = takeView()
const config = takeConfig()
if (config) {
  const fetch = firstAnswers(config) // asked before the scripts that show them are there
  const host = connectHost(config, byKey)
  await painted()
  new Worker(new URL('./language.worker.ts', import.meta.url), { type: 'module' }).postMessage(document.documentElement.lang)
  const [{ show }, { default: Page }] = await Promise.all([import('./show'), pages[config.page]()])
  show(Page, { config, host, view, fetch })
}
