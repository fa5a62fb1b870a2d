import { takeConfig, takeView } from './config'
import { firstAnswers } from './first'
import { connectHost } from './host'
import { keepPage } from './keep'
import { takeKey } from './key'
import './page.css'
import { pages } from './pages'
import { painted } from './painted'
import { turn } from './turn'

const byKey = takeKey()
const view = takeView()
const config = takeConfig()
if (config) {
  keepPage()
  await turn()
  const fetch = firstAnswers(config) // asked before the scripts that show them are there
  const host = connectHost(config, byKey)
  await painted()
  // Each script is asked for in a turn of its own, and React's runs in one before those that need it, so that the page
  // answers meanwhile.
  const library = import('react-dom/client')
  await turn()
  const parts = import('./show')
  await turn()
  const page = pages[config.page]()
  await turn()
  new Worker(new URL('./language.worker.ts', import.meta.url), { type: 'module', name: document.documentElement.lang })
  const [{ show }, { default: Page }] = await Promise.all([parts, page, library])
  await turn()
  show(Page, { config, host, view, fetch })
}
