"""x"""
class Repair: pass
