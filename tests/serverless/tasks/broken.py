raise ZeroDivisionError("a module that a release broke")
