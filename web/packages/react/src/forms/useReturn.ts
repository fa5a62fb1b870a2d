import { useEffect, useRef } from 'react'

/**
 * useReturn puts the focus back when a view that took the place of a list is left: to the element of the list whose
 * data-opens names what was opened, else to the list's first button. It gives the list's ref.
 */
export function useReturn<T extends HTMLElement>(opened: string | null | undefined) {
  const list = useRef<T>(null)
  const left = useRef('')
  useEffect(() => {
    if (opened) {
      left.current = opened
    } else if (left.current) {
      const opener = list.current?.querySelector<HTMLElement>(`[data-opens="${CSS.escape(left.current)}"]`)
      const target = opener ?? list.current?.querySelector('button')
      target?.focus()
      left.current = ''
    }
  }, [opened])
  return list
}
