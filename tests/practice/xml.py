"""Documents of dicts and lists, written as the XML of AWS's services."""

from xml.sax.saxutils import escape


def writer(namespace, item=None):
    """What writes a document of one root. item: the element that each entry of a list gets; without, a list is
    its own element repeated."""
    def element(name, content):
        if isinstance(content, list) and item is None:
            return "".join(element(name, one) for one in content)
        return f"<{name}>{inside(content)}</{name}>"

    def inside(content):
        if isinstance(content, list):
            return "".join(element(item, one) for one in content)
        if isinstance(content, dict):
            return "".join(element(name, one) for name, one in content.items())
        return escape(str(content))

    def write(document):
        (root, content), = document.items()
        space = f' xmlns="{namespace}"' if namespace else ""
        return f"<{root}{space}>{inside(content)}</{root}>\n".encode()
    return write
