"""x"""
def holds(rule, encoding, root, context):
    return True
