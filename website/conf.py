"""Sphinx's settings; build.py lays out the sources beside a copy of this file."""

import re

project = html_title = "contexture_lite"
author = "contexture_lite authors"
extensions = ["myst_nb", "sphinx_design", "sphinx_copybutton", "sphinx.ext.autodoc"]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"  # formulas in what cells have shown
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["static"]
html_theme = "sphinx_book_theme"
html_theme_options = {
    "show_navbar_depth": 1, "home_page_in_toc": True, "show_toc_level": 2,
    "secondary_sidebar_items": {"docs/*": ["page-toc"], "package/*": ["page-toc"],
                                "notebooks/*": [], "index": []},
    "use_download_button": False, "use_fullscreen_button": False,
}
html_context = {"default_mode": "auto"}
html_static_path = ["static"]
html_css_files = ["frozen/player.css", "site.css"]
html_js_files = ["frozen/player.js"]
html_domain_indices = False
html_show_copyright = html_show_sphinx = html_copy_source = False
html_last_updated_fmt = None
mathjax_path = "mathjax/tex-svg.js"  # paths and no fonts: fonts beside a file may not be read
mathjax4_config = {
    "loader": {"load": ["a11y/assistive-mml"], "paths": {"mathjax-newcm": "[mathjax]/newcm"}},
    # read out from MathML, by the reader's own screen reader: no workers, which a folder forbids
    "options": {"enableMenu": False, "menuOptions": {"settings": {
        "enrich": False, "speech": False, "braille": False, "assistiveMml": True}}},
}
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header", "myst.xref_missing"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"


def plain(app, what, name, obj, options, lines):
    """A docstring is plain text with `code`, * lists and NumPy's sections in it, and no markup."""
    def escaped(text):
        parts = re.split(r"(``[^`]+``|`[^`]+`)", text)
        return "".join(f"``{part.strip('`')}``\\ " if i % 2 else
                       re.sub(r"([\\*|_`])", r"\\\1", part) for i, part in enumerate(parts))

    text, section = [], False
    for i, line in enumerate(lines):
        listed = text and text[-1].startswith("* ")
        if re.match(r"-{3,}$", line) and i:  # under the name of a section
            text[-1], section = f"**{text[-1]}**", True
        elif section and line and not line.startswith(" "):  # its entries
            text += ["", f"* {escaped(line)}:"]
        elif line.strip().startswith("* "):
            text += ["", f"* {escaped(line.strip()[2:])}"]
        elif line.startswith(" ") and listed:
            text[-1] += f" {escaped(line.strip())}"
        else:
            text += [""] * bool(listed)
            text.append(re.sub(r"^([-+=~]|\d+\.)", r"\\\1", escaped(line.strip())))
            section = section and bool(line)
    lines[:] = text


def setup(app):
    app.connect("autodoc-process-docstring", plain)
