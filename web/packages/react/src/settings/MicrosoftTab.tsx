import { useText } from '../provider'

/** MicrosoftTab manages Microsoft accounts and the folders that are watched. */
export function MicrosoftTab() {
  const { t } = useText()
  return <p role="status">{t('microsoft.none')}</p>
}
