/** Boxes that scroll in themselves can be reached by keyboard, but only while there is something to scroll. */
export function watchScrollers(): void {
  const observer = new ResizeObserver(entries => {
    for (const { target } of entries) {
      const box = target.closest('.scroll');
      if (box instanceof HTMLElement) mark(box);
    }
  });
  for (const box of document.querySelectorAll('.scroll')) {
    observer.observe(box);
    // what is in it grows, while the box keeps its size
    if (box.firstElementChild !== null) observer.observe(box.firstElementChild);
  }
}

function mark(box: HTMLElement): void {
  if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  else box.removeAttribute('tabindex');
}
