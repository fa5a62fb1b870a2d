// Browsers read a language's data when its first date or number is written, which takes tens of milliseconds. Written
// here first, they are read beside the page's own thread, and for it, too.
self.onmessage = ({ data: locale }: MessageEvent<string>) => {
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format()
  new Intl.NumberFormat(locale).format(1000)
  self.close()
}
