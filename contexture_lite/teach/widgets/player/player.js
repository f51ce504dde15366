// Live pictures without a kernel: shows the states that `Explorer.freeze` has drawn.
// A page holds <div class="contexture-frozen" data-name="ChannelExplorer"></div>, perhaps with a
// picture in it that stands there until the states have come; ChannelExplorer.js lies beside
// this file.
(() => {
  'use strict';
  const home = new URL('.', document.currentScript.src).href;
  const loaded = new Map();                    // name -> promise of its data
  const arrived = new Map();                   // name -> what to call with the data
  window.contextureFrozen = (name, data) => arrived.get(name)(data);

  function load(name) {
    if (!loaded.has(name)) loaded.set(name, new Promise((done, failed) => {
      arrived.set(name, done);
      const script = document.createElement('script');
      script.src = `${home}${name}.js`;
      script.onerror = () => failed(new Error(`The pictures (${name}.js) did not load.`));
      document.head.append(script);
    }));
    return loaded.get(name);
  }

  function make(tag, settings = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(settings))
      key in node ? node[key] = value : node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  // All labels that a control ever has: with one only, it is text and not a control.
  function labelsAt(level, depth) {
    if (depth == 0) return new Set(level[1].map(([label]) => label));
    return new Set(level[1].flatMap(([, below]) => [...labelsAt(below, depth - 1)]));
  }

  class Control {
    constructor(kind, fixed, moved) {
      this.kind = kind;
      this.title = make('span');
      this.value = make('output');
      this.input = kind == 'list' ? make('select') : make('input', {type: 'range', min: 0, step: 1});
      this.node = fixed ? make('span', {className: 'contexture-fixed'}, this.title, ' ', this.value)
        : make('label', {}, this.title, this.input, ...kind == 'list' ? [] : [this.value]);
      this.input.addEventListener('input', () => moved(
        this.labels[kind == 'list' ? this.input.selectedIndex : +this.input.value]));
    }

    // Offer these labels, and stand at the wanted one, or at the nearest number, or at the first.
    set(title, labels, wanted) {
      if (String(labels) != String(this.labels)) {
        this.labels = labels;
        if (this.kind == 'list')
          this.input.replaceChildren(...labels.map(text => make('option', {textContent: text})));
        else this.input.max = labels.length - 1;
      }
      let at = labels.indexOf(wanted);
      if (at < 0) {
        const far = labels.map(text => Math.abs(parseFloat(text) - parseFloat(wanted)));
        at = far.some(Number.isNaN) ? 0 : far.indexOf(Math.min(...far));
      }
      this.input.disabled = labels.length == 1;  // drawn only for other choices before it
      this.title.textContent = title;
      this.value.textContent = labels[at];
      this.input[this.kind == 'list' ? 'selectedIndex' : 'value'] = at;
      this.input.setAttribute('aria-valuetext', labels[at]);
      return at;
    }
  }

  function panel([alt, across, down]) {
    const scene = make('img', {alt, draggable: false}), moving = make('img', {alt: ''});
    const node = make('div', {className: 'contexture-panel'}, scene, moving);
    node.style.aspectRatio = `${across} / ${down}`;
    return {node, scene, moving};
  }

  // Side by side where there is room, else one above the other, all of one size.
  function row(panels, least) {
    const node = make('div', {className: 'contexture-panels'}, ...panels.map(part => part.node));
    node.style.maxWidth = `${1.5 * least * panels.length}px`;
    node.style.gridTemplateColumns = 'repeat(auto-fit, minmax(min('
      + `calc(var(--contexture-scale, 1) * ${least}px), 100%), 1fr))`;
    return node;
  }

  function play(box, data) {
    const wanted = [...data.start], panels = data.panels.map(panel);
    const url = number => `data:image/webp;base64,${data.images[number]}`;
    const controls = data.kinds.map((kind, i) => new Control(
      kind, labelsAt(data.tree, i).size == 1, label => { wanted[i] = label; show(); }));
    const top = make('div', {className: 'contexture-top', role: 'status'});
    const line = make('div', {className: 'contexture-line', role: 'status'});
    box.replaceChildren(
      make('div', {className: 'contexture-controls'}, ...controls.map(control => control.node)),
      top, row(panels, data.panels[0][3]), line,
      make('div', {className: 'contexture-note', textContent: 'Drawn beforehand: the controls '
        + 'stop at some values only, and a grey one moves when those before it are set back. '
        + 'Where the notebook runs, all values are there.'}));

    function set(image, number) {
      if (image.dataset.number == number) return;
      image.dataset.number = number;
      image.src = url(number);
    }

    async function show() {
      const pressed = performance.now();
      let level = data.tree;
      for (const [i, control] of controls.entries())
        level = level[1][control.set(level[0], level[1].map(([label]) => label), wanted[i])][1];
      const [numbers, headline, sentence] = level;
      panels.forEach(({scene, moving}, i) => {
        set(scene, numbers[i]);
        set(moving, numbers[panels.length + i]);
      });
      top.textContent = headline;
      line.textContent = sentence;
      await Promise.all([...box.querySelectorAll('img')].map(image => image.decode().catch(() => {})));
      requestAnimationFrame(() => setTimeout(() => {
        box.dataset.ms = (performance.now() - pressed).toFixed(1);
        box.dataset.shown = 1 + +(box.dataset.shown || 0);
        box.dispatchEvent(new Event('contexture-shown', {bubbles: true}));
      }));
    }
    return show();
  }

  function start() {
    const near = new IntersectionObserver(entries => entries.forEach(({isIntersecting, target}) => {
      if (!isIntersecting) return;
      near.unobserve(target);
      load(target.dataset.name).then(data => play(target, data)).catch(error => {
        target.append(make('div', {role: 'alert', textContent: error.message}));
      });
    }), {rootMargin: '1000px'});
    document.querySelectorAll('.contexture-frozen').forEach(box => near.observe(box));
  }
  document.readyState == 'loading' ? addEventListener('DOMContentLoaded', start) : start();
})();
