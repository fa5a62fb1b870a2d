import { takeConfig, takeView } from './config'
import { firstAnswers } from './first'
import { connectHost } from './host'
import { takeKey } from './key'
import './page.css'
import { pages } from './pages'

const byKey = takeKey()
const view = takeView()
const config = takeConfig()
if (config) {
  const fetch = firstAnswers(config) // asked while the script that shows them is on its way
  const host = connectHost(config, byKey)
  const [{ show }, { default: Page }] = await Promise.all([import('./show'), pages[config.page]()])
  show(Page, { config, host, view, fetch })
}
